/**
 * Which boards of other gateways this one wants to hear: they are told at each introduction, and when that changes.
 *
 *   u/HOSTID   what a gateway was told last; it is told once more when nothing of it is wanted any longer
 */
import { Command, Reqtype } from "../iotgw/commands.ts";
import type { FrameView } from "../iotgw/decode-frame.ts";
import { EPOCH_BYTES } from "../iotgw/origin-epoch.ts";
import { WireError, wireErrorName } from "../iotgw/wire-error.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { Lane } from "../queue/packet.ts";
import type { Store } from "../store/store.ts";
import { parseSubscribe, parseSubscribed } from "./event-content.ts";
import type { Arrived, Effect } from "./frame-intake.ts";
import type { GatewayNames } from "./gateway-names.ts";
import type { Mesh, Numbered } from "./mesh.ts";
import type { MeshPeer } from "./mesh-peer.ts";
import { formatMessageId, type MessageId, parseMessageId } from "./message-id.ts";
import type { OnOutcome } from "./peer-frames.ts";
import { encodeJson } from "./request-content.ts";

interface ToldDocument {
  devices: readonly string[];
}

/** A SUBSCRIBE on its way to the next hop. */
interface Telling {
  frame: string;
  devices: readonly string[];
}

const PREFIX = "u/";
/** ms after which a gateway behind others is told again: that it began anew nobody says. */
const AGAIN_MS = 600_000;

export interface SubscriptionServices {
  mesh: Mesh;
  store: Store;
  log: Log;
}

export class Subscriptions {
  private wanted: ReadonlyMap<bigint, readonly string[]> = new Map();
  private readonly told = new Map<bigint, readonly string[]>();
  private readonly telling = new Map<bigint, Telling>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly services: SubscriptionServices,
    private readonly names: GatewayNames,
  ) {}

  async load(): Promise<void> {
    for (const [key, { devices }] of await this.services.store.records<ToldDocument>(PREFIX))
      this.told.set(BigInt(key.slice(PREFIX.length)), devices);
  }

  /** As the configuration has it now; tellChanges() says so to others. */
  configure(wanted: ReadonlyMap<bigint, readonly string[]>): void {
    this.wanted = wanted;
  }

  isWanted(gateway: bigint): boolean {
    return this.wanted.has(gateway);
  }

  start(): void {
    this.timer = setInterval(() => {
      for (const gateway of this.wanted.keys())
        if (this.services.mesh.get(gateway) === undefined) this.tell(gateway);
    }, AGAIN_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Those who were told otherwise last, or nothing. */
  tellChanges(): void {
    for (const gateway of new Set([...this.wanted.keys(), ...this.told.keys()])) {
      const last = this.told.get(gateway);
      if (this.services.mesh.nextHop(gateway) === undefined) {
        // Who cannot be told of its end cannot tell either.
        if (!this.wanted.has(gateway)) this.forget(gateway);
        continue;
      }
      if (last === undefined || !isSame(last, this.wanted.get(gateway) ?? [])) this.tell(gateway);
    }
  }

  /** A session with a peer was introduced: it, and those behind it, may know nothing any more. */
  introduced(peer: MeshPeer): void {
    for (const gateway of new Set([...this.wanted.keys(), ...this.told.keys()]))
      if (this.services.mesh.nextHop(gateway) === peer) this.tell(gateway);
  }

  /** A SUBSCRIBE that an earlier gateway made waits. */
  kept(id: MessageId, view: FrameView): OnOutcome {
    const gateway = view.route!.dst;
    const asked = parseSubscribe(view.bytes, view.bodyStart + EPOCH_BYTES, view.end);
    const frame = formatMessageId(id);
    if (typeof asked !== "string") this.telling.set(gateway, { frame, devices: asked });
    return () => this.left(gateway, frame);
  }

  /** A SUBSCRIBE reply. */
  answered({ frame, id, bytes, contentStart, end }: Arrived): Effect {
    const gateway = id.origin;
    if (!this.told.has(gateway)) return {}; // it was never asked
    if (frame.error !== WireError.OK) {
      this.complain(gateway, wireErrorName(frame.error, frame.cmd));
      return {};
    }
    const said = parseSubscribed(bytes, contentStart, end);
    if (said === null) return {};
    return {
      // Messages right behind it are kept under this name, by the gateway after this one, too.
      changes: this.names.hear(gateway, said.gateway),
      onCommitted: () => {
        if (said.devices.length === 0 && !this.wanted.has(gateway)) this.forget(gateway);
      },
    };
  }

  /** A frame ended on its way; null: it is no subscription. */
  refused(id: MessageId, code: number, text: string): Effect | null {
    const frame = formatMessageId(id);
    const found = [...this.telling].find(([, telling]) => telling.frame === frame);
    if (found === undefined) return null;
    this.complain(found[0], `${wireErrorName(code, Command.SUBSCRIBE)}: ${text}`);
    return {};
  }

  private forget(gateway: bigint): void {
    this.told.delete(gateway);
    this.services.store.putLater([{ key: PREFIX + gateway, value: null }]);
  }

  private tell(gateway: bigint): void {
    const { mesh, store } = this.services;
    const devices = [...(this.wanted.get(gateway) ?? [])];
    const waiting = this.telling.get(gateway);
    if (waiting !== undefined && isSame(waiting.devices, devices)) return;
    const numbered = this.prepare(gateway, devices);
    if (numbered === null) return;
    if (waiting !== undefined) mesh.findRequest(parseMessageId(waiting.frame))?.setInvalid();
    const frame = formatMessageId(numbered.id);
    this.telling.set(gateway, { frame, devices });
    this.told.set(gateway, devices);
    store.put([...numbered.changes, { key: PREFIX + gateway, value: { devices } satisfies ToldDocument }], {
      onCommitted: () => numbered.onCommitted(),
      // The next introduction tells it; that comes soon, for sessions do not outlive a store that fails.
      onFailed: () => {
        numbered.onRefused();
        this.left(gateway, frame);
      },
    });
  }

  private prepare(gateway: bigint, devices: readonly string[]): Numbered | null {
    try {
      const numbered: Numbered = this.services.mesh.prepare({
        ...{ dst: gateway, cmd: Command.SUBSCRIBE, reqtype: Reqtype.REQUEST, lane: Lane.NORMAL },
        ...{ ttlMs: Infinity, content: encodeJson({ devices }) },
        onOutcome: () => this.left(gateway, formatMessageId(numbered.id)),
      });
      return numbered;
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      this.complain(gateway, error.message);
      return null;
    }
  }

  private left(gateway: bigint, frame: string): void {
    if (this.telling.get(gateway)?.frame === frame) this.telling.delete(gateway);
  }

  private complain(gateway: bigint, reason: string): void {
    this.services.log.warn({ gateway: `${gateway}`, reason }, "a subscription does not come about");
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
