/** A kill from IRC (MoniQue KILL2): only by an operator who has proved it and may; every try leaves a record of audit. */
import type { IrcOperatorConfig } from "../config/schema.ts";
import type { Author, KillView, TaskView } from "../hub/views.ts";
import type { Speaker } from "../irc-iot/line.ts";
import type { Audit } from "./audit.ts";
import { NOT_PROVED } from "./command-desk.ts";
import { mayAsk } from "./operators.ts";
import { openTasks, SHORT_ID, sayKill, type WorkFacts } from "./task-words.ts";

/** A Work fits. */
export interface KillableWork extends WorkFacts {
  kill(id: string, options: { by: Author; children: boolean }): Promise<KillView>;
  refuseKill(id: string, by: Author, why: string): void;
}

export interface KillDeskServices {
  work: KillableWork;
  audit: Audit;
  identify(speaker: Speaker): Promise<IrcOperatorConfig | null>;
}

/** What `commands` of an operator has to name. */
const COMMAND = "kill";
const UNKNOWN = "no such task is known here";
const AMBIGUOUS = "several tasks begin so";
const MOST_SHOWN = 60;

export class KillDesk {
  constructor(private readonly services: KillDeskServices) {}

  /** `wanted`: an id, or how one of an open task begins -> what is answered; null: it is no task of this gateway. */
  async kill(
    { speaker, channel }: { speaker: Speaker; channel: string | null },
    wanted: string,
  ): Promise<string | null> {
    const { work, audit } = this.services;
    const operator = await this.services.identify(speaker);
    const { network, nick } = speaker;
    const shown = wanted.slice(0, MOST_SHOWN);
    const audited = {
      network,
      nick,
      channel,
      who: operator?.name ?? null,
      device: "",
      ot: `${COMMAND} ${shown}`,
    };
    const by: Author = { via: "irc", who: `${operator?.name ?? "nobody known"}, ${nick} on ${network}` };
    const refuse = (code: string, why: string) => {
      audit.refused(audited, code);
      work.refuseKill(shown, by, why);
    };
    if (operator === null) {
      refuse(NOT_PROVED.refused, NOT_PROVED.reason);
      return `${NOT_PROVED.reason} [${NOT_PROVED.refused}]`;
    }
    const task = this.find(wanted);
    if (typeof task === "string") {
      refuse("TASK_UNKNOWN", task);
      return task === UNKNOWN ? null : `kill: ${task}: ${shown}; !tasks lists them`;
    }
    // Who may ask some boards only may stop only what is on them.
    if (!mayAsk(operator, task.on, COMMAND)) {
      const why = `${operator.name} may not kill ${task.on === "" ? "what is on no board" : `what is on ${task.on}`}`;
      refuse("NOT_ALLOWED", why);
      return `${why} [NOT_ALLOWED]`;
    }
    audit.accepted(audited);
    const kill = await work.kill(task.id, { by, children: false });
    setImmediate(audit.ended(audited, kill.outcome));
    return sayKill(kill);
  }

  private find(wanted: string): TaskView | string {
    const { work } = this.services;
    const exact = work.task(wanted);
    if (exact !== undefined) return exact;
    const found = wanted.length < SHORT_ID ? [] : openTasks(work).filter(({ id }) => id.startsWith(wanted));
    if (found.length > 1) return AMBIGUOUS;
    return found[0] ?? UNKNOWN;
  }
}
