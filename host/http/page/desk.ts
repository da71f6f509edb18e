/** What a person does on the page: asks of the gateway, and is asked before what cannot be undone. */
import type { Model } from "./model.ts";
import type { Kill, Task } from "./shapes.ts";
import type { KillState } from "./work-model.ts";

/** The gateway knows what became of a kill after 10 s. */
const TIMEOUT_MS = 20_000;

export interface Question {
  title: string;
  /** What is done, in a sentence. */
  what: string;
  /** What follows from it, and cannot be undone. */
  consequence: string;
  /** The word on the button that does it. */
  action: string;
  /** Enter does nothing then but leave, unless one goes to the button. */
  isDangerous?: boolean;
}

export interface OpenQuestion extends Question {
  /** The same question asked again is another one. */
  id: number;
  answer(isYes: boolean): void;
}

export class Desk {
  /** What the person is asked now. */
  question: OpenQuestion | null = null;
  private asked = 0;

  constructor(
    private readonly model: Model,
    /** Draws anew; called after every change of the model. */
    readonly changed: () => void,
    /** Asks for what is to be shown and is not there yet. */
    readonly look: () => void,
  ) {}

  /** Whether the token of this page may act. */
  get isControl(): boolean {
    return this.model.isControl;
  }

  /** Resolves with what the person says; a question that is still open is answered with no. */
  ask(question: Question): Promise<boolean> {
    this.question?.answer(false);
    return new Promise((resolve) => {
      const answer = (isYes: boolean) => {
        this.question = null;
        resolve(isYes);
        this.changed();
      };
      this.question = { ...question, id: ++this.asked, answer };
      this.changed();
    });
  }

  /** Rejects with words for a person. */
  async call<T>(method: "POST" | "DELETE", path: string, body?: object, timeoutMs = TIMEOUT_MS): Promise<T> {
    const sent = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await reached(fetch(path, { method, ...sent, signal: AbortSignal.timeout(timeoutMs) }));
    const answer: T & { error?: { message: string } } = await response.json();
    if (answer.error === undefined || response.ok) return answer;
    throw new Error(answer.error.message);
  }

  /** Resolves once it is taken; rejects with words for a person. */
  async run(spec: string, data: string): Promise<Task> {
    const task = await this.call<Task>("POST", "/api/v1/tasks", { spec, data: parseData(data) });
    this.model.work.takeTask(task);
    this.changed();
    return task;
  }

  /** Never rejects: what became of it is in the model. */
  async kill(id: string, withChildren: boolean): Promise<void> {
    this.note(id, { is: "asked" });
    const path = `/api/v1/tasks/${encodeURIComponent(id)}${withChildren ? "?children=1" : ""}`;
    try {
      this.note(id, { is: "known", kill: await this.call<Kill>("DELETE", path) });
    } catch (error) {
      this.note(id, { is: "fault", fault: (error as Error).message });
    }
  }

  private note(id: string, state: KillState): void {
    this.model.work.kills.set(id, state);
    this.changed();
  }
}

/** A browser's own words for an answer that did not come say nothing. */
async function reached(response: Promise<Response>): Promise<Response> {
  try {
    return await response;
  } catch (error) {
    const isLate = (error as Error).name === "TimeoutError";
    throw new Error(isLate ? "The gateway did not answer in time." : "The gateway cannot be reached.");
  }
}

function parseData(data: string): unknown {
  if (data.trim() === "") return {};
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new Error(`Its data is no JSON: ${(error as Error).message}`);
  }
}
