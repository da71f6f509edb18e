/** What H1 keeps: messages of many boards, 8 numbers each, made anew from their number whenever somebody reads them. */
import type { DeliveredMessage, Store } from "../host/store/store.ts";

export const BOARDS = 200;
const MESSAGES_PER_S = 10;
/** Each board has its turn so often. */
export const TURN_MS = (1000 * BOARDS) / MESSAGES_PER_S;
/** Messages of so long. */
export const messagesOf = (ms: number) => (ms * MESSAGES_PER_S) / 1000;
export const VALUES = 8;
/** A message as columns that nobody packed: a double of its time, and one of each value. */
export const PLAIN_BYTES = 8 * (1 + VALUES);
export const TYPE = "l:telemetry";
/** One of them: of a noise that no coding can foresee. */
export const FIELD = "temp";
/** The first moment, ms since 1970. */
export const BEGIN = Date.UTC(2026, 0, 1);

/** Evenly spread over -1…1, always the same for the same three. */
function noise(board: number, turn: number, salt: number): number {
  const seed =
    Math.imul(board + 1, 0x9e3779b1) ^ Math.imul(turn + 1, 0x85ebca6b) ^ Math.imul(salt, 0xc2b2ae35);
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return (Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) | 0) / 2 ** 31;
}

const round = (value: number, steps: number) => Math.round(value * steps) / steps;

/** As sensors say them: slow, noise in the last digits, rounded; a counter, a level of memory and a switch among them. */
export function valuesOf(board: number, turn: number): Record<string, number | boolean> {
  const sun = Math.sin((2 * Math.PI * turn * TURN_MS) / 86_400_000 + board);
  return {
    temp: round(20 + 5 * sun + noise(board, turn, 1) / 4, 10),
    hum: round(50 - 20 * sun + noise(board, turn, 2), 10),
    hpa: round(1013 + 9 * Math.sin(turn / 9000 + board) + noise(board, turn, 3) / 10, 100),
    vdd: round(3.29 + noise(board, turn, 4) / 100, 1000),
    lux: Math.round(400 + 390 * sun + 10 * noise(board, turn, 5)),
    free: 2800 + Math.round(40 * noise(board, turn, 6)),
    uptime: (turn * TURN_MS) / 1000,
    on: sun > 0,
  };
}

export const boardName = (board: number) => `board-${board}`;

/** As a store that has all that was said until now by a clock that is moved: ten times a second by the next board. */
export class Feed implements Pick<Store, "read" | "next" | "epoch" | "fill" | "fault"> {
  /** Since its beginning. */
  ms = 0;
  readonly clock = { now: () => this.ms, wall: () => BEGIN + this.ms };
  readonly epoch = "0123456789abcdef";
  readonly fault = null;

  get next(): number {
    return 1 + Math.floor(messagesOf(this.ms));
  }

  /** It gives nothing up. */
  get fill(): Store["fill"] {
    const none = { oldest: 1, oldestAt: BEGIN, dropped: 0, refused: 0, pending: 0, isHeld: false, low: "" };
    return { messages: this.next - 1, bytes: 0, maxBytes: 1, written: 0, fault: "", ...none };
  }

  async read(from: number, limit: number): Promise<DeliveredMessage[]> {
    const end = Math.min(this.next, from + limit);
    return Array.from({ length: end - from }, (_, i) => this.message(from + i));
  }

  private message(n: number): DeliveredMessage {
    const [board, turn] = [(n - 1) % BOARDS, Math.floor((n - 1) / BOARDS)];
    const at = BEGIN + ((n - 1) * 1000) / MESSAGES_PER_S;
    const message = { ot: TYPE, ...valuesOf(board, turn) };
    return { n, device: boardName(board), epoch: "9f3c", seq: turn + 1, at, message };
  }
}
