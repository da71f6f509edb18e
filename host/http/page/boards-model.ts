/** Every board with its last values and how each number went lately; all of it has bounds, for the page may be open for weeks. */
import { formatFields, type ShownField } from "./format.ts";
import type { Device, Message } from "./shapes.ts";
import type { Slice } from "./slice.ts";
import { Trend } from "./trend.ts";

/** Boards with values; more are counted, not shown. */
export const MAX_BOARDS = 1000;
export const MAX_TYPES = 16;
/** Numbers of one board whose way is kept. */
export const MAX_TRENDS = 24;
const LOOK_EVERY_MS = 5000;

/** One field of the last message of its type. */
export interface FieldValue extends ShownField {
  /** The same object as long as the board is known; null: no number, or beyond MAX_TRENDS. */
  trend: Trend | null;
}

/** The last message of one type, ready to show. */
export interface LastValue {
  type: string;
  at: number;
  fields: FieldValue[];
}

export interface Board extends Device {
  /** Messages up to here are counted in `delivered`. */
  lastN: number;
}

/** What is kept of one board beside its view. */
interface Kept {
  values: readonly LastValue[];
  /** By type and field. */
  trends: Map<string, Trend>;
}

const nothing: readonly LastValue[] = [];
const inOrder = new Intl.Collator("en", { numeric: true });

export class BoardsModel implements Slice {
  /** Boards known beyond MAX_BOARDS. */
  unshown = 0;
  /** The first look at the table was made. */
  isKnown = false;
  /** What a person typed to find some of them. */
  filter = "";
  /** The newest message there was when the gateway last told its status. */
  toldN = 0;
  private byId = new Map<string, Board>();
  private ids: string[] = [];
  private readonly kept = new Map<string, Kept>();

  readonly asks = [
    {
      key: "devices",
      path: () => "/api/v1/devices",
      everyMs: LOOK_EVERY_MS,
      take: ({ devices }: { devices: Device[] }) => this.takeDevices(devices),
    },
  ];
  readonly events = { device: (device: Device) => this.takeDevice(device) };

  /** By name, so that each keeps its place. */
  get boards(): Board[] {
    return this.ids.map((id) => this.byId.get(id)!);
  }

  board(id: string): Board | undefined {
    return this.byId.get(id);
  }

  /** The last value of each type, by name; another array when one of them is. */
  valuesOf(device: string): readonly LastValue[] {
    return this.kept.get(device)?.values ?? nothing;
  }

  /** null: it is no number, or came while nobody looked. */
  trendOf(device: string, type: string, field: string): Trend | null {
    return this.kept.get(device)?.trends.get(trendKey(type, field)) ?? null;
  }

  clear(): void {
    this.byId.clear();
    this.kept.clear();
    this.ids = [];
    this.isKnown = false;
  }

  takeDevices(devices: Device[]): void {
    const shown = devices.slice(0, MAX_BOARDS);
    this.byId = new Map(shown.map((device) => [device.id, this.asBoard(device)]));
    this.unshown = devices.length - shown.length;
    this.isKnown = true;
    this.sort();
    for (const id of this.kept.keys()) if (!this.byId.has(id)) this.kept.delete(id);
  }

  takeDevice(device: Device): void {
    const isNew = !this.byId.has(device.id);
    // One beyond the bound is told of each time it changes: the next look at the table counts it.
    if (isNew && this.byId.size >= MAX_BOARDS) return;
    this.byId.set(device.id, this.asBoard(device));
    if (isNew) this.sort();
  }

  /** `message`: not yet taken. */
  takeMessage(message: Message): void {
    this.keepValue(message);
    const board = this.byId.get(message.device);
    if (board === undefined || message.n <= board.lastN) return;
    const { n, at } = message;
    this.byId.set(board.id, { ...board, lastN: n, lastAt: at, delivered: board.delivered + 1 });
  }

  private sort(): void {
    this.ids = [...this.byId.keys()].sort(inOrder.compare);
  }

  /** A view that was made before the newest message must not count backwards; the same as before stays the same object. */
  private asBoard(device: Device): Board {
    const known = this.byId.get(device.id);
    const lastN = device.last?.n ?? this.countedN(device, known);
    const board = { ...device, last: null, lastN };
    if (known === undefined) return board;
    if (known.lastN > lastN)
      Object.assign(board, { lastN: known.lastN, lastAt: known.lastAt, delivered: known.delivered });
    return isAlike(known, board) ? known : board;
  }

  /**
   * A board that has said nothing since the gateway began has no last message, and all there were before are counted;
   * as long as none came the board stays the object it is.
   */
  private countedN({ delivered }: Device, known: Board | undefined): number {
    return known?.delivered === delivered ? known.lastN : this.toldN;
  }

  private keepValue({ device, at, message }: Message): void {
    // Replies and what the board could not say are events, no values.
    if ("re" in message || typeof message.ot !== "string") return;
    const kept = this.keptOf(device);
    if (kept === undefined) return;
    const type = message.ot.slice(0, 64);
    const others = kept.values.filter((value) => value.type !== type);
    const newestFirst = others.sort((a, b) => b.at - a.at).slice(0, MAX_TYPES - 1);
    for (const { type: gone } of others.slice(MAX_TYPES - 1)) forget(kept.trends, gone);
    const fields = formatFields(message).map((field) => this.withTrend(kept, type, field, at));
    kept.values = [...newestFirst, { type, at, fields }].sort((a, b) => inOrder.compare(a.type, b.type));
  }

  private keptOf(device: string): Kept | undefined {
    const known = this.kept.get(device);
    if (known !== undefined || this.kept.size >= MAX_BOARDS) return known;
    const kept = { values: nothing, trends: new Map<string, Trend>() };
    this.kept.set(device, kept);
    return kept;
  }

  private withTrend({ trends }: Kept, type: string, field: ShownField, at: number): FieldValue {
    const key = trendKey(type, field.name);
    let trend = trends.get(key) ?? null;
    if (field.value === null) return { ...field, trend };
    if (trend === null && trends.size < MAX_TRENDS) {
      trend = new Trend();
      trends.set(key, trend);
    }
    trend?.push(at, field.value);
    return { ...field, trend };
  }
}

const trendKey = (type: string, field: string) => `${type}\n${field}`;

function forget(trends: Map<string, Trend>, type: string): void {
  for (const key of trends.keys()) if (key.startsWith(`${type}\n`)) trends.delete(key);
}

function isAlike(a: Board, b: Board): boolean {
  const names = Object.keys(b) as (keyof Board)[];
  return names.every(
    (name) => a[name] === b[name] || (Array.isArray(b[name]) && `${a[name]}` === `${b[name]}`),
  );
}
