/**
 * The messages of this gateway's boards on their way to one that subscribed to them: read from the store, from a cursor
 * that moves in the commit of the frames it stands for. What waits stays in the store; only so much is turned into frames
 * as leaves soon.
 *
 *   g/HOSTID   the next message to look at, and how many were given up by the store before they were
 */
import { Command, Reqtype } from "../iotgw/commands.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { isNamed } from "../platform/name-pattern.ts";
import { Lane } from "../queue/packet.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { type Page, StoreFollower } from "../store/store-follower.ts";
import type { BoardEvent } from "./event-content.ts";
import type { Mesh, Numbered } from "./mesh.ts";
import type { OnOutcome } from "./peer-frames.ts";
import { encodeJson } from "./request-content.ts";

/** Frames that wait for it at once. */
const AHEAD = 256;
/** Messages looked at, at once. */
const PAGE = 256;
/** ms until it looks again whether there is room, when nothing of its own tells. */
const RETRY_MS = 1000;

export interface CursorDocument {
  next: number;
  missed: number;
}

export interface FeedServices {
  mesh: Mesh;
  store: Store;
  clock: Clock;
  log: Log;
}

export const cursorKey = (gateway: bigint) => `g/${gateway}`;

export class Feed {
  missed: number;
  /** Its frames that have come to no outcome. */
  private ahead = 0;
  /** Behind what is in the store as frames. */
  private next: number;
  /** Of `missed`, what the subscriber was not told. */
  private untold = 0;
  private isStopped = false;
  private readonly follower: StoreFollower;
  private retry: NodeJS.Timeout | null = null;

  constructor(
    readonly gateway: bigint,
    /** The first message of the subscription. */
    readonly from: number,
    public devices: readonly string[],
    { next, missed }: CursorDocument,
    private readonly services: FeedServices,
  ) {
    this.next = next;
    this.missed = missed;
    this.follower = new StoreFollower({
      store: services.store,
      room: () => (services.store.fault === null ? Math.min(PAGE, AHEAD - this.ahead) : 0),
      take: (page) => this.take(page),
      onFault: (error) => this.fail(error),
    });
    this.follower.next = next;
  }

  /** Messages it has not looked at. */
  get behind(): number {
    return Math.max(0, this.services.store.next - this.next);
  }

  /** There may be something to do. */
  wake(): void {
    this.follower.wake();
  }

  stop(): void {
    this.isStopped = true;
    this.follower.stop();
    if (this.retry !== null) clearTimeout(this.retry);
  }

  /** A frame of it that an earlier gateway made waits. */
  kept(): OnOutcome {
    this.ahead++;
    return () => this.over();
  }

  private over(): void {
    if (--this.ahead <= AHEAD / 2) this.wake();
  }

  /** The store is closed, or cannot be read: that is told where it shows, and here once more. */
  private fail(error: unknown): void {
    this.services.log.error(
      { gateway: `${this.gateway}`, error: String(error) },
      "messages are not told to a gateway",
    );
    this.lookLater();
  }

  private async take({ messages, gaps, end }: Page): Promise<void> {
    for (const { from, to } of gaps) this.lose(to - from, "the store gave them up before they were sent");
    const frames: Numbered[] = [];
    let next = end;
    for (const message of messages) {
      if (this.add(message, frames)) continue;
      next = message.n;
      this.lookLater();
      break;
    }
    await this.commit(frames, next);
    this.follower.next = this.next;
  }

  /** False: there is no room for it now. */
  private add(message: DeliveredMessage, frames: Numbered[]): boolean {
    const { device, epoch, seq, t } = message;
    // Messages that came from another gateway are that one's to tell: they would go in circles.
    if (device.includes("/") || !isNamed(this.devices, device)) return true;
    const event: BoardEvent = { device, epoch, seq, ...(t !== undefined && { t }), message: message.message };
    if (this.untold > 0) event.missed = this.untold;
    try {
      const frame = this.services.mesh.prepare({
        ...{
          dst: this.gateway,
          cmd: Command.EVENT,
          reqtype: Reqtype.ASYNC,
          lane: Lane.NORMAL,
          ttlMs: Infinity,
        },
        ...{ content: encodeJson(event), onOutcome: () => this.over() },
      });
      frames.push(frame);
      this.ahead++;
      this.untold = 0;
      return true;
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      if (error.code !== "TOO_BIG") return false;
      this.lose(1, error.message);
      return true;
    }
  }

  /** The frames and the cursor behind what they stand for, in one commit. */
  private commit(frames: Numbered[], next: number): Promise<void> {
    const { store } = this.services;
    const cursor = {
      key: cursorKey(this.gateway),
      value: { next, missed: this.missed } satisfies CursorDocument,
    };
    if (frames.length === 0) {
      this.next = next;
      store.putLater([cursor]);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      store.put([...frames.flatMap(({ changes }) => changes), cursor], {
        onCommitted: () => {
          this.next = next;
          for (const frame of frames) frame.onCommitted();
          resolve();
        },
        // They are made anew, with other numbers, once the store takes something again.
        onFailed: () => {
          this.ahead -= frames.length;
          for (const frame of frames) frame.onRefused();
          resolve();
        },
      });
    });
  }

  private lose(count: number, reason: string): void {
    this.missed += count;
    this.untold += count;
    this.services.log.warn(
      { gateway: `${this.gateway}`, count, reason },
      "messages are not told to a gateway",
    );
  }

  private lookLater(): void {
    if (this.retry !== null || this.isStopped) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      this.wake();
    }, RETRY_MS);
    this.retry.unref();
  }
}
