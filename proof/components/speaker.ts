/**
 * Who asks, with sockets of the real libzmq: it sends tasks and kills, hears everything on com, and counts what was answered.
 * Nothing of it is ours but the bytes of a message.
 */
import { Push, Subscriber } from "zeromq";
import { decodeMessage, encodeMessage } from "../../host/monique/body.ts";
import { formatData, readData } from "../../host/monique/data.ts";
import { isFault } from "../../host/monique/fault.ts";
import { drawId } from "../../host/monique/id.ts";
import { formatKill } from "../../host/monique/kill.ts";
import type { Message } from "../../host/monique/message.ts";
import { formatTag } from "../../host/monique/tag.ts";
import { hold } from "../proof.ts";
import type { House, Ports } from "./house.ts";

export interface Answer {
  type: "result" | "error";
  spec: string;
  creator: string;
  data: { code?: number; [field: string]: unknown };
}

/** Nothing is dropped here: what is missing was lost elsewhere. */
const mouth = { linger: 0, sendHighWaterMark: 0 };
const ear = { linger: 0, receiveHighWaterMark: 0 };
const at = (port: number) => `tcp://127.0.0.1:${port}`;

export class Speaker {
  /** By the id of what they answer. */
  readonly answers = new Map<string, Answer[]>();
  /** Tasks that the hub published, and how often. */
  readonly published = new Map<string, number>();
  private readonly com = new Push(mouth);
  private readonly tech = new Push(mouth);
  private readonly ear = new Subscriber(ear);
  /** Sockets take one send at a time. */
  private sending: Promise<unknown> = Promise.resolve();
  private isClosed = false;
  private probes = 0;

  constructor(readonly creator = "speaker") {}

  /** Resolves once it hears what it says. */
  async start(house: House): Promise<void> {
    const { ports } = house;
    this.connect(ports);
    void this.hear();
    await house.until(
      () => {
        if (this.probes === 0) this.say({ type: "data", spec: "proof_probe", data: {} });
        return this.probes > 0;
      },
      () => "the hub is heard",
    );
  }

  stop(): void {
    this.isClosed = true;
    for (const socket of [this.com, this.tech, this.ear]) socket.close();
  }

  /** A task -> its id. */
  ask(spec: string, data: unknown, fields: Partial<Message> = {}): string {
    return this.say({ type: "config", spec, data, fields });
  }

  /** Asks for its end, as whoever it says it is. */
  kill(taskId: string, creator: string): string {
    const id = drawId();
    this.tell(kill(taskId, creator, id));
    return id;
  }

  /** A message as it is, onto tech. */
  tell(parts: readonly Uint8Array[]): void {
    this.send(this.tech, parts);
  }

  /** A message as it is, onto com. */
  sayParts(parts: readonly Uint8Array[]): void {
    this.send(this.com, parts);
  }

  /** Everything that was said is with the sockets. */
  async whenSaid(): Promise<void> {
    await this.sending;
  }

  of(id: string, type: Answer["type"]): Answer[] {
    return (this.answers.get(id) ?? []).filter((answer) => answer.type === type);
  }

  /** It is said to be killed, under this spec. */
  isSaidKilled(id: string, spec: string): boolean {
    return this.of(id, "error").some((answer) => answer.spec === spec && answer.data.code === 301);
  }

  private say(what: {
    type: Message["type"];
    spec: string;
    data: unknown;
    fields?: Partial<Message>;
  }): string {
    const { type, spec, data, fields } = what;
    const message = messageOf({ type, spec, data: formatData(data), creator: this.creator, ...fields });
    this.send(this.com, partsOf(message));
    return message.id;
  }

  private send(socket: Push, parts: readonly Uint8Array[]): void {
    this.sending = this.sending.then(() => (this.isClosed ? undefined : socket.send([...parts] as Buffer[])));
  }

  private connect({ com, tech }: Ports): void {
    this.ear.connect(at(com.out));
    this.ear.subscribe("");
    this.com.connect(at(com.in));
    this.tech.connect(at(tech.in));
  }

  private async hear(): Promise<void> {
    try {
      for await (const [, body] of this.ear) this.take(body);
    } catch (error) {
      if (!this.isClosed) throw error;
    }
  }

  private take(body: Uint8Array): void {
    const message = decodeMessage(body);
    hold(!isFault(message), "the hub has published what is no message");
    const { id, type, spec, pid, creator } = message;
    if (spec === "proof_probe") this.probes++;
    if (type === "config") this.published.set(id, (this.published.get(id) ?? 0) + 1);
    if (type !== "result" && type !== "error") return;
    const read = readData(message);
    hold(!isFault(read), "the hub has published data that cannot be read");
    const answers = this.answers.get(pid) ?? [];
    this.answers.set(pid, answers);
    answers.push({ type, spec, creator, data: read.value as Answer["data"] });
  }
}

type Said = Pick<Message, "type" | "spec" | "data" | "creator"> & Partial<Message>;

export function messageOf(fields: Said): Message {
  return { id: drawId(), pid: "", created_at: Date.now(), expires_at: 0, encoding: "JSON", ...fields };
}

export function partsOf(message: Message): [Uint8Array, Uint8Array] {
  return [formatTag(message), encodeMessage(message)];
}

function kill(taskId: string, creator: string, id = drawId()): [Uint8Array, Uint8Array] {
  return partsOf(messageOf({ id, type: "config", spec: "kill", data: formatKill(taskId), creator }));
}
