/**
 * What boards said, on its way to one channel or nick: read from the store when a line's turn has come, so that as much
 * as has gathered by then shares it, and nothing that has become invalid is in it.
 *
 *   ir/ROUTE   where it goes on, what it left out, and what it told last where only changes are told
 *
 * It is not woken to read on (store/store-follower.ts): a line asks for what is next when its turn has come, and the same
 * stretch is looked at again each time, since what came meanwhile may have overtaken it.
 * The cursor moves in the commit of the line it stands for. A message in several lines has been told with the last of them.
 */
import { keepNewest } from "../platform/keep-newest.ts";
import type { DeliveredMessage, RecordChange, Store } from "../store/store.ts";
import type { Draft, LineSource } from "./line-stream.ts";
import { type Line, type LineServices, linesOf } from "./route-lines.ts";
import {
  isThinned,
  keyOf,
  nothingSkipped,
  type Planned,
  printOf,
  RoutePlan,
  type Skipped,
  type Told,
} from "./route-plan.ts";
import type { RouteSettings } from "./route-settings.ts";

export interface RouteDocument {
  next: number;
  skipped: Skipped;
  told: Told[];
}

export interface FeedServices extends Omit<LineServices, "warned"> {
  store: Store;
  knows(device: string): boolean;
}

/** Lines of messages that were taken from the store, and not said yet. */
interface Prepared {
  lines: Line[];
  planned: Planned;
}

export const ROUTES = "ir/";
/** Boards and types whose last message is remembered; the oldest go first. */
const MOST_TOLD = 1000;

export class RouteFeed implements LineSource {
  readonly counts = { told: 0 };
  private next_: number;
  private skipped: Skipped;
  private readonly told: Map<string, Told>;
  private prepared: Prepared | null = null;
  private readonly plan: RoutePlan;
  private readonly warned = new Set<string>();

  constructor(
    readonly route: RouteSettings,
    { next, skipped, told }: RouteDocument,
    private readonly services: FeedServices,
  ) {
    this.next_ = next;
    this.skipped = { ...nothingSkipped(), ...skipped };
    this.told = new Map(told.map((one) => [one.key, one]));
    const { store, clock, knows } = services;
    this.plan = new RoutePlan(route, { store, knows, wall: () => clock.wall() });
  }

  /** Messages it has not looked at. */
  get behind(): number {
    return Math.max(0, this.services.store.next - this.next_);
  }

  get leftOut(): Readonly<Skipped> {
    return this.skipped;
  }

  get target(): string | null {
    return this.behind > 0 && this.services.store.fault === null ? this.route.target : null;
  }

  async next(maxBytes: number): Promise<Draft | null> {
    if (!this.isStillGood(maxBytes)) await this.prepare(maxBytes);
    const line = this.prepared?.lines[0];
    if (line === undefined) return null;
    const before = this.document();
    return {
      target: this.route.target,
      text: line.text(),
      changes: [this.changeTo(line)],
      onCommitted: () => this.said(line),
      onFailed: () => {
        this.prepared = null;
        this.services.store.keep([{ key: ROUTES + this.route.id, value: before }], () => {});
      },
    };
  }

  /** May what was prepared be said as it is? The rest of a message that was begun is. */
  private isStillGood(maxBytes: number): boolean {
    if (this.prepared === null) return false;
    const { lines, planned } = this.prepared;
    const [line] = lines;
    if (
      line === undefined ||
      line.maxBytes > maxBytes ||
      !line.messages.every((one) => this.plan.isValid(one))
    )
      return false;
    if (line.isFragment) return true;
    // What came meanwhile may be newer, or share the last line.
    return !isThinned(this.route) && (lines.length > 1 || planned.end >= this.services.store.next);
  }

  private async prepare(maxBytes: number): Promise<void> {
    this.prepared = null;
    const planned = await this.plan.from(this.next_, this.told);
    const lines =
      planned.messages.length === 0
        ? []
        : linesOf(planned, this.route, maxBytes, { ...this.services, warned: this.warned });
    if (lines.length === 0) this.skipTo(planned);
    else this.prepared = { lines, planned };
  }

  private skipTo(planned: Planned): void {
    if (planned.end === this.next_) return;
    this.next_ = planned.end;
    this.skipped = this.skippedBefore(planned.end, planned);
    this.services.store.putLater([{ key: ROUTES + this.route.id, value: this.document() }]);
  }

  private said(line: Line): void {
    const { prepared } = this;
    if (prepared === null || prepared.lines[0] !== line)
      throw new TypeError("saying a line: it is not the next one");
    this.skipped = this.skippedBefore(line.next, prepared.planned);
    prepared.planned.skips = prepared.planned.skips.filter(({ n }) => n >= line.next);
    prepared.lines.shift();
    for (const message of finished(line)) {
      this.counts.told++;
      this.note(message);
    }
    this.next_ = line.next;
  }

  private changeTo(line: Line): RecordChange {
    const { next, skipped } = {
      next: line.next,
      skipped: this.skippedBefore(line.next, this.prepared!.planned),
    };
    const told = new Map(this.told);
    if (isThinned(this.route))
      for (const message of finished(line)) told.set(keyOf(message), this.toldOf(message));
    return {
      key: ROUTES + this.route.id,
      value: { next, skipped, told: [...told.values()] } satisfies RouteDocument,
    };
  }

  private note(message: DeliveredMessage): void {
    if (!isThinned(this.route)) return;
    keepNewest(this.told, keyOf(message), this.toldOf(message), MOST_TOLD);
  }

  private toldOf(message: DeliveredMessage): Told {
    return { key: keyOf(message), at: message.at, print: printOf(message, this.route.fields) };
  }

  private skippedBefore(next: number, { skips }: Planned): Skipped {
    const skipped = { ...this.skipped };
    for (const { n, count, reason } of skips) if (n < next) skipped[reason] += count;
    return skipped;
  }

  private document(): RouteDocument {
    return { next: this.next_, skipped: this.skipped, told: [...this.told.values()] };
  }
}

/** The messages that are told as a whole with this line. */
const finished = ({ messages, next }: Line) => messages.filter(({ n }) => n < next);
