/** What the two threads of a component say to each other. */
import type { Message } from "../host/monique/message.ts";

/** One way messages come in: what was asked for by one subscribe(), or the controller. */
export type Source = { from: "hub"; topics: readonly string[] } | { from: "controller" };

export type ToWork =
  /** `n`: of the source that asked for it. */
  | { is: "message"; n: number; message: Message }
  /** Of type result or error, to the task `pid` that was asked. */
  | { is: "answer"; message: Message }
  /** A socket has what call `call` sent. */
  | { is: "sent"; call: number }
  | { is: "killed"; id: string }
  | { is: "stop" };

export type FromWork =
  | { is: "began" }
  | { is: "open"; n: number; source: Source }
  | { is: "close"; n: number }
  | { is: "next"; n: number }
  /** With the message `id`, as source `n` gave it. */
  | { is: "done"; n: number; id: string }
  /** Its signal is used by somebody. */
  | { is: "heeds"; id: string }
  | { is: "send"; call: number; message: Sent; isAsked: boolean }
  /** Nobody waits for its answer any more. */
  | { is: "forget"; id: string }
  | { is: "status"; text: string }
  /** The work returned. */
  | { is: "ended" }
  | { is: "failed"; text: string };

/** A message in its two frames, and what the technical layer looks at. */
export interface Sent extends Pick<Message, "id" | "pid" | "spec" | "type"> {
  parts: [Uint8Array, Uint8Array];
}

/** What the thread is started with. */
export interface WorkData {
  bowlineComponent: { name: string; creator: string; params: Record<string, unknown> };
}
