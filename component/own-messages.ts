/** What a component says of itself: heartbeats, and errors in answer to what it was given. */

import { drawId } from "../host/monique/id.ts";
import type { Message } from "../host/monique/message.ts";
import { formatMonitoring } from "../host/monique/monitoring.ts";
import { formatError } from "../host/monique/task-error.ts";

interface Author {
  name: string;
  creator: string;
}

type Said = Pick<Message, "pid" | "spec" | "type" | "data">;

export class OwnMessages {
  constructor(
    private readonly author: Author,
    private readonly wall: () => number,
  ) {}

  /** MON1, MON2. */
  heartbeat(isAlive: boolean, message: string): Message {
    const { name } = this.author;
    const data = formatMonitoring({ sync_time: this.wall(), name, is_alive: isAlive, message });
    return this.messageOf({ pid: "", spec: "monitoring", type: "data", data });
  }

  /** With the spec of the task, where whoever asked for it listens; `to`: null, it answers nothing. */
  error(to: Message | null, code: number, text: string): Message {
    const spec = to?.type === "config" ? to.spec : "error";
    return this.messageOf({ pid: to?.id ?? "", spec, type: "error", data: formatError(code, text) });
  }

  private messageOf(said: Said): Message {
    const { creator } = this.author;
    return { id: drawId(), creator, created_at: this.wall(), expires_at: 0, encoding: "JSON", ...said };
  }
}
