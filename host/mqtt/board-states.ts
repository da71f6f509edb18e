/**
 * The newest values of each board that were handed on: by type of message, then by field, as the board named them.
 *
 *   mv/BOARD   the same, so that it is true after a restart
 *   mw         up to which message they are kept; what was handed on since is read from the store
 *
 * Kept every SAVE_MS: with every message it would cost a flash card as much as the messages.
 */
import type { DeliveredMessage, Store } from "../store/store.ts";
import { readPage } from "../store/store-follower.ts";

export type Values = Record<string, unknown>;

export interface BoardState {
  /** Of the newest message that is in it. */
  n: number;
  /** When that arrived, ms since 1970. */
  at: number;
  types: Record<string, Values>;
}

const PREFIX = "mv/";
const KEPT_UP_TO = "mw";
const SAVE_MS = 10_000;
/** Messages read at once. */
const READ = 256;
/** Types of a board that are kept; the one that came longest ago goes first. */
const MOST_TYPES = 64;
/** Of a type, as JSON; of what is larger the plain values are kept, as many as fit. */
const MOST_BYTES = 4096;
/** Of the protocol, in the message itself (session part 4). */
const own = ["ot", "t", "rq", "re", "err", "kill"];

export class BoardStates {
  private readonly states = new Map<string, BoardState>();
  private readonly unsaved = new Set<string>();
  private saving: NodeJS.Timeout | null = null;

  /** `cursor`: the first message that the broker may not have; `accepts`: what it is told of. */
  constructor(
    private readonly store: Pick<Store, "records" | "read" | "next" | "putLater">,
    private readonly cursor: () => number,
    private readonly accepts: (message: DeliveredMessage) => boolean,
  ) {}

  /** The store is open, and the cursor is read. */
  async load(): Promise<void> {
    for (const [key, state] of await this.store.records<BoardState>(PREFIX))
      this.states.set(key.slice(PREFIX.length), state);
    const end = this.cursor();
    const found = (await this.store.records<{ n: number }>(KEPT_UP_TO)).find(([key]) => key === KEPT_UP_TO);
    for (let next = (found?.[1].n ?? end) + 1; next < end; ) {
      const { messages, end: after } = await readPage(this.store, next, READ);
      for (const message of messages) if (message.n < end && this.accepts(message)) this.take(message);
      next = after;
    }
    this.save();
  }

  stop(): void {
    if (this.saving !== null) clearTimeout(this.saving);
    this.save();
  }

  of(board: string): BoardState | undefined {
    return this.states.get(board);
  }

  boards(): Iterable<string> {
    return this.states.keys();
  }

  /**
   * The broker has the message. "none": it has no values, or a newer one was there before; "shape": there are others than
   * before, or of another kind.
   */
  take({ n, at, device, message }: DeliveredMessage): "none" | "values" | "shape" {
    const { ot, re, kill } = message;
    const isValue = typeof ot === "string" && ot !== "" && ot.length <= 64;
    if (!isValue || typeof re === "number" || typeof kill === "number") return "none";
    const before = this.states.get(device);
    if (before !== undefined && before.n >= n) return "none";
    const { [ot]: last, ...others } = before?.types ?? {};
    const names = Object.keys(others);
    for (const name of names.slice(0, Math.max(0, names.length - MOST_TYPES + 1))) delete others[name];
    const values = valuesOf(message);
    const state = { n, at, types: { ...others, [ot]: values } };
    this.states.set(device, state);
    this.unsaved.add(device);
    this.saving ??= setTimeout(() => this.save(), SAVE_MS).unref();
    return last !== undefined && isAlike(last, values) ? "values" : "shape";
  }

  /** All of them, with up to where they are so, in one commit. */
  private save(): void {
    this.saving = null;
    const changed = [...this.unsaved].map((board) => ({
      key: PREFIX + board,
      value: this.states.get(board)!,
    }));
    this.unsaved.clear();
    this.store.putLater([...changed, { key: KEPT_UP_TO, value: { n: this.cursor() - 1 } }]);
  }

  /** Nobody wants to see the board any more. */
  forget(board: string): void {
    this.unsaved.delete(board);
    if (this.states.delete(board)) this.store.putLater([{ key: PREFIX + board, value: null }]);
  }
}

function isAlike(a: Values, b: Values): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && typeof a[name] === typeof b[name])
  );
}

function valuesOf(message: Record<string, unknown>): Values {
  const all = Object.entries(message).filter(([name]) => !own.includes(name) && name !== "__proto__");
  if (JSON.stringify(all).length <= MOST_BYTES) return Object.fromEntries(all);
  let room = MOST_BYTES;
  const small = all.filter(([name, value]) => {
    const size = name.length + String(value).length + 6;
    if ((typeof value === "object" && value !== null) || size > room) return false;
    room -= size;
    return true;
  });
  return Object.fromEntries(small);
}
