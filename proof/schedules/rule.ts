/** A rule of session D1, D17 or part 4, and the change of the code that switches it off. */
import type { Patch } from "../patches.ts";
import type { StoryName } from "./stories.ts";
import type { Focus } from "./wheel.ts";

export interface Rule {
  clause: string;
  /** What holds, as a sentence. */
  rule: string;
  off: Patch[];
  /** What has to happen often for it to matter. */
  focus: Focus;
  /** The story that finds its loss; undefined: chance does. */
  story?: StoryName;
}

/** As the tables write it down. */
export type Row = [clause: string, rule: string, ...off: Off[]];
type Off = [file: string, find: string, put: string];

/** Sources with several rules in them. */
export const source = {
  lifecycle: "shared/session/lifecycle.ts",
  sync: "shared/session/sync.ts",
  board: "device/peer.ts",
  peer: "host/peers/device-peer.ts",
  inbound: "host/peers/inbound.ts",
  numbering: "host/peers/numbering.ts",
  outbound: "host/peers/outbound.ts",
  requests: "host/peers/requests.ts",
  port: "host/peers/board-port.ts",
  queue: "host/queue/peer-queue.ts",
  book: "host/peers/request-book.ts",
  intake: "host/store/intake.ts",
} as const;

export function ruleOf([clause, rule, ...off]: Row): Rule {
  return { clause, rule, focus: {}, off: off.map(([file, find, put]) => ({ file, find, put })) };
}
