/** What the page shows, made from what it is told; every list has a bound, for the page may be open for weeks. */
import { formatFields } from "./format.ts";
import type { Device, Gap, Message, Ports, Status } from "./shapes.ts";
import { WorkModel } from "./work-model.ts";

export const MAX_NEWEST = 50;
/** Boards with values; more are counted, not shown. */
export const MAX_BOARDS = 200;
export const MAX_TYPES = 16;

/** connecting: not yet; refused: the token is not valid (any more); tokenless: there is none. */
export type Feed = "connecting" | "live" | "lost" | "refused" | "tokenless";

/** The last message of one type, ready to show. */
export interface LastValue {
  type: string;
  at: number;
  fields: [name: string, value: string][];
}

export interface Board extends Device {
  /** The newest message counted in `delivered`. */
  lastN: number;
}

/** A line of the list of newest messages. */
export interface Line {
  n: number;
  at: number;
  device: string;
  type: string;
  text: string;
}

export class Model {
  feed: Feed = "connecting";
  /** When the page last heard of the gateway, ms since 1970. */
  heardAt = 0;
  status: Status | null = null;
  ports: Ports = { serial: [], links: [] };
  boards: Board[] = [];
  /** Boards known beyond MAX_BOARDS. */
  unshown = 0;
  newest: Line[] = [];
  /** Messages the store gave up before the page saw them. */
  unseen = 0;
  readonly work = new WorkModel();
  /** The message to go on with; 0 before the first status. */
  next = 0;
  private readonly values = new Map<string, LastValue[]>();

  /** True when messages are numbered anew: what was shown is void, and `next` starts over. */
  takeStatus(status: Status, replay: number): boolean {
    const isAnew = this.status?.epoch !== status.epoch;
    this.status = status;
    if (!isAnew) return false;
    this.newest = [];
    this.boards = [];
    this.values.clear();
    this.unseen = 0;
    this.next = Math.max(1, status.store.next - replay);
    return true;
  }

  takeDevices(devices: Device[]): void {
    this.boards = devices.slice(0, MAX_BOARDS).map((device) => this.asBoard(device));
    this.unshown = devices.length - this.boards.length;
    const kept = new Set(this.boards.map(({ id }) => id));
    for (const id of this.values.keys()) if (!kept.has(id)) this.values.delete(id);
  }

  takeDevice(device: Device): void {
    const at = this.boards.findIndex(({ id }) => id === device.id);
    if (at >= 0) this.boards[at] = this.asBoard(device);
    else if (this.boards.length >= MAX_BOARDS) this.unshown++;
    else this.boards = [...this.boards, this.asBoard(device)].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  takeMessage(message: Message): void {
    // A stream that was opened anew may begin with what is here already.
    if (message.n < this.next) return;
    this.next = message.n + 1;
    const line = asLine(message);
    this.newest = [line, ...this.newest.slice(0, MAX_NEWEST - 1)];
    this.keepValue(message, line.type);
    const board = this.boards.find(({ id }) => id === message.device);
    if (board === undefined || message.n <= board.lastN) return;
    board.lastN = message.n;
    board.lastAt = message.at;
    board.delivered++;
  }

  takeGap({ from, to }: Gap): void {
    this.unseen += to - from + 1;
    this.next = to + 1;
  }

  /** The last value of each type, by name. */
  valuesOf(device: string): LastValue[] {
    return this.values.get(device) ?? [];
  }

  /** A view that was made before the newest message must not count backwards. */
  private asBoard(device: Device): Board {
    const lastN = device.last?.n ?? 0;
    const known = this.boards.find(({ id }) => id === device.id);
    if (known === undefined || known.lastN <= lastN) return { ...device, lastN };
    return { ...device, lastN: known.lastN, lastAt: known.lastAt, delivered: known.delivered };
  }

  private keepValue({ device, at, message }: Message, type: string): void {
    // Replies and what the board could not say are events, no values.
    if ("re" in message || typeof message.ot !== "string") return;
    const values = this.values.get(device) ?? [];
    const others = values.filter((value) => value.type !== type);
    const newestFirst = others.sort((a, b) => b.at - a.at).slice(0, MAX_TYPES - 1);
    const kept = [...newestFirst, { type, at, fields: formatFields(message) }];
    if (!this.values.has(device) && this.values.size >= MAX_BOARDS) return;
    this.values.set(
      device,
      kept.sort((a, b) => (a.type < b.type ? -1 : 1)),
    );
  }
}

function asLine({ n, at, device, message }: Message): Line {
  const fields = formatFields(message);
  const text = fields.map(([name, value]) => `${name} ${value}`).join(" · ");
  return { n, at, device, type: typeOf(message), text };
}

function typeOf({ ot, re }: Record<string, unknown>): string {
  if (typeof ot === "string") return ot.slice(0, 64);
  return re === undefined ? "message" : `reply ${String(re).slice(0, 16)}`;
}
