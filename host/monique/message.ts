/** A message between components: what its body holds (MoniQue's final format). */

export const messageTypes = ["config", "result", "error", "data"] as const;
/** What it is for: a task, its answer, a fault, or news. */
export type MessageType = (typeof messageTypes)[number];

export const encodings = ["JSON", "MessagePack"] as const;
export type Encoding = (typeof encodings)[number];

/** The nine fields, under the names they have on the wire. */
export interface Message {
  /** 40 letters and digits, new for every message. */
  id: string;
  /** Of the message that this one answers or belongs to; "" for none. */
  pid: string;
  /** User, service or component; without a colon. Free text: nothing proves it. */
  creator: string;
  /** ms since 1970. */
  created_at: number;
  /** ms since 1970; 0: never. */
  expires_at: number;
  /** `project_message`; technical ones (`monitoring`, `kill`, `error`) have no underscore. */
  spec: string;
  /** Of `data`. */
  encoding: Encoding;
  type: MessageType;
  data: Uint8Array;
}
