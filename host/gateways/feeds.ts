/**
 * Gateways that have subscribed to messages of this one's boards.
 *
 *   f/HOSTID   which boards, and from which message on
 */
import { Command, Reqtype } from "../iotgw/commands.ts";
import { WireError } from "../iotgw/wire-error.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Lane } from "../queue/packet.ts";
import { parseSubscribe, type Subscribed } from "./event-content.ts";
import { type CursorDocument, cursorKey, Feed, type FeedServices } from "./feed.ts";
import type { Arrived, Effect } from "./frame-intake.ts";
import type { Numbered } from "./mesh.ts";
import type { OnOutcome } from "./peer-frames.ts";
import { encodeJson } from "./request-content.ts";

interface FeedDocument {
  devices: string[];
  from: number;
}

const PREFIX = "f/";

export interface FeedsServices extends FeedServices {
  /** What this gateway calls itself. */
  name: string;
}

export class Feeds {
  private readonly feeds = new Map<bigint, Feed>();

  constructor(private readonly services: FeedsServices) {}

  /** Goes on with what is kept; also when the store was opened anew, for then that is what is there. */
  async load(): Promise<void> {
    const { store } = this.services;
    const gone = new Set(this.feeds.keys());
    const cursors = new Map(await store.records<CursorDocument>("g/"));
    for (const [key, document] of await store.records<FeedDocument>(PREFIX)) {
      const gateway = BigInt(key.slice(PREFIX.length));
      gone.delete(gateway);
      const feed = this.feeds.get(gateway);
      if (feed !== undefined) feed.devices = document.devices;
      else this.enter(gateway, document, cursors.get(cursorKey(gateway)));
    }
    for (const gateway of gone) this.drop(gateway);
  }

  /** Something may be there to be told, or room for it. */
  wake(): void {
    for (const feed of this.feeds.values()) feed.wake();
  }

  stop(): void {
    for (const feed of this.feeds.values()) feed.stop();
  }

  /** Peers or routes are others now: who cannot be reached any more is told no more (G5). */
  forgetUnreachable(): void {
    const { mesh, store } = this.services;
    for (const gateway of [...this.feeds.keys()]) {
      if (mesh.nextHop(gateway) !== undefined) continue;
      this.drop(gateway);
      store.putLater(removal(gateway));
    }
  }

  /** By gateway: how many messages it has to be told yet, at most, and how many it never will be. */
  all(): Feed[] {
    return [...this.feeds.values()];
  }

  /** An EVENT that an earlier gateway made waits. */
  kept(gateway: bigint): OnOutcome {
    return this.feeds.get(gateway)?.kept() ?? (() => {});
  }

  /** A SUBSCRIBE request. */
  subscribe({ id, bytes, contentStart, end }: Arrived): Effect {
    const gateway = id.origin;
    const { mesh, log } = this.services;
    if (mesh.nextHop(gateway) === undefined) {
      log.warn({ gateway: `${gateway}` }, "a subscription of a gateway that no way leads to");
      return {};
    }
    const asked = parseSubscribe(bytes, contentStart, end);
    if (typeof asked === "string") return this.reply(id, WireError.BAD_FRAME, { reason: asked }) ?? {};
    const { store, name } = this.services;
    const known = this.feeds.get(gateway);
    const document: FeedDocument = { devices: asked, from: known?.from ?? store.next };
    const changes = asked.length === 0 ? removal(gateway) : [{ key: PREFIX + gateway, value: document }];
    const said: Subscribed & { next: number } = { gateway: name, devices: asked, next: document.from };
    const reply = this.reply(id, WireError.OK, said);
    return {
      changes: [...changes, ...(reply?.changes ?? [])],
      onCommitted: () => {
        const feed = this.feeds.get(gateway);
        if (asked.length === 0) this.drop(gateway);
        else if (feed !== undefined) feed.devices = asked;
        else this.enter(gateway, document, undefined);
        reply?.onCommitted();
        this.feeds.get(gateway)?.wake();
      },
      onFailed: () => reply?.onFailed(),
    };
  }

  /** `cursor` may be of an earlier subscription, which ended before this one began. */
  private enter(gateway: bigint, { devices, from }: FeedDocument, cursor: CursorDocument | undefined): void {
    const next = Math.max(from, cursor?.next ?? 0);
    const place = { next, missed: cursor?.missed ?? 0 };
    this.feeds.set(gateway, new Feed(gateway, from, devices, place, this.services));
  }

  private drop(gateway: bigint): void {
    this.feeds.get(gateway)?.stop();
    this.feeds.delete(gateway);
  }

  private reply(
    { origin, epoch, seq, lane }: Arrived["id"],
    error: number,
    content: object,
  ): Numbered | null {
    try {
      return this.services.mesh.prepare({
        ...{ dst: origin, cmd: Command.SUBSCRIBE, reqtype: Reqtype.REPLY, lane: lane as Lane, error },
        ...{ ttlMs: Infinity, content: encodeJson(content), ref: { origin, epoch, seq } },
      });
    } catch (fault) {
      if (!(fault instanceof BowlineError)) throw fault;
      this.services.log.warn(
        { gateway: `${origin}`, reason: fault.message },
        "a subscription is not answered",
      );
      return null;
    }
  }
}

function removal(gateway: bigint) {
  return [
    { key: PREFIX + gateway, value: null },
    { key: cursorKey(gateway), value: null },
  ];
}
