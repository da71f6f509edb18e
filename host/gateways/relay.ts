/**
 * Frames that are for another gateway: handed on over the next hop, in custody, or refused with a word to who made them
 * (iotgw §9, mesh hop).
 */
import { Command, commandName, Reqtype } from "../iotgw/commands.ts";
import { Delivery, type Ref, RouteFlag, TTL_NONE } from "../iotgw/frame.ts";
import { patchHops, setRouteFlag } from "../iotgw/patch-frame.ts";
import { WireError, wireErrorName } from "../iotgw/wire-error.ts";
import type { Log } from "../platform/log.ts";
import type { Outcome, Packet } from "../queue/packet.ts";
import type { Store } from "../store/store.ts";
import type { Arrived, Effect } from "./frame-intake.ts";
import type { MeshPeer } from "./mesh-peer.ts";
import { formatMessageId, type MessageId } from "./message-id.ts";
import type { OnOutcome } from "./peer-frames.ts";

/** What it needs of the mesh. */
interface Ways {
  readonly hostId: bigint;
  nextHop(dst: bigint): MeshPeer | undefined;
  youngest(like: MessageId): number;
  prepareNak(id: MessageId, code: WireError, text: string): Effect;
  tellDead(peer: MeshPeer, outcome: Outcome, packet: Packet): void;
  tellRefused(dst: bigint, frame: Uint8Array): void;
}

export class Relay {
  /** The highest number that was handed on in this life, by next hop and whose number it is. */
  private readonly handed = new Map<string, number>();

  constructor(
    private readonly mesh: Ways,
    private readonly store: Store,
    private readonly log: Log,
  ) {}

  /** To the next hop, never back to where it came from. */
  handOn(from: MeshPeer, arrived: Arrived, dst: bigint): Effect {
    const { frame, id, bytes, start, end } = arrived;
    const { hopsLeft, hopsDone } = frame.route!;
    const next = this.mesh.nextHop(dst);
    const refuse = (code: WireError, text: string) => this.refuse(from, arrived, code, text);
    if (next === undefined || next === from)
      return refuse(WireError.NO_ROUTE, `no way leads to gateway ${dst}`);
    // A circle. One that does not lead through the origin ends where the number comes for the second time, as a repeat.
    if (id.origin === this.mesh.hostId) return refuse(WireError.HOP_LIMIT, "the routes lead in a circle");
    if (hopsLeft <= 1) return refuse(WireError.HOP_LIMIT, `${hopsDone + 1} gateways passed`);
    const remainingMs = frame.qos!.ttlMs === TTL_NONE ? Infinity : frame.qos!.ttlMs;
    if (remainingMs === 0) return refuse(WireError.EXPIRED, "on its way");
    if (end - start > next.maxFrame)
      return refuse(WireError.TOO_BIG, `${end - start} bytes; gateway ${next.hostId} takes ${next.maxFrame}`);
    // A notification has nobody who could be told: its custody was given over with its acknowledgement.
    if (frame.reqtype === Reqtype.REQUEST && !next.hasRoom(end - start))
      return refuse(WireError.QUEUE_FULL, `too much waits for gateway ${dst}`);
    if (frame.cmd === Command.CANCEL && this.withdraw(next, frame.ref, arrived)) return {};
    const isDirect = frame.qos!.delivery === Delivery.DIRECT;
    if (isDirect && !next.isReachable) return refuse(WireError.NO_ROUTE, `gateway ${next.hostId} is away`);
    const copy = new Uint8Array(bytes.subarray(start, end));
    patchHops(copy, hopsLeft - 1, hopsDone + 1);
    if (this.isOvertaken(next, id, frame.route!.flags)) setRouteFlag(copy, RouteFlag.MOVED);
    const isRequest = frame.reqtype === Reqtype.REQUEST;
    return next.frames.prepare(copy, {
      id,
      remainingMs,
      isRequest,
      isDirect,
      onOutcome: this.onRelayed(next, id, isRequest),
    });
  }

  /** A younger one of its origin went to that gateway already, by another way: its number is below that one's. */
  private isOvertaken(next: MeshPeer, id: MessageId, flags: number): boolean {
    if ((flags & RouteFlag.MOVED) !== 0) return false;
    const stream = `${next.hostId} ${formatMessageId({ ...id, seq: 0 })}`;
    // What an earlier life of this gateway handed on is not known: at most all that it had.
    const youngest = this.handed.get(stream) ?? this.mesh.youngest(id);
    this.handed.set(stream, Math.max(youngest, id.seq));
    return id.seq < youngest;
  }

  /** The request that a CANCEL names still waits here: it goes no further, and its origin is told. */
  private withdraw(next: MeshPeer, ref: Ref | undefined, { id, bytes, contentStart }: Arrived): boolean {
    // Only who made a request may withdraw it.
    if (ref === undefined || ref.origin !== id.origin) return false;
    const packet = next.frames.findRequest({ ...ref, lane: bytes[contentStart] });
    // One that was kept by an earlier life may have left in it.
    const hasLeft = packet?.hasLeft !== false;
    packet?.endLife();
    return !hasLeft;
  }

  private refuse(
    from: MeshPeer,
    { frame, id, bytes, start, end }: Arrived,
    code: WireError,
    text: string,
  ): Effect {
    const told = { from: `${from.hostId}`, origin: `${id.origin}`, seq: id.seq, cmd: commandName(frame.cmd) };
    this.log.warn({ ...told, code: wireErrorName(code, frame.cmd) }, `a frame is not handed on: ${text}`);
    if (frame.reqtype === Reqtype.REQUEST) return this.mesh.prepareNak(id, code, text);
    this.mesh.tellRefused(frame.route!.dst, new Uint8Array(bytes.subarray(start, end)));
    return {};
  }

  /** What becomes of a frame that is handed on. */
  onRelayed(to: MeshPeer, id: MessageId, isRequest: boolean): OnOutcome {
    return (outcome, maybeDelivered, packet) => {
      this.mesh.tellDead(to, outcome, packet);
      const code = nakOf(outcome);
      if (!isRequest || code === null || maybeDelivered) return;
      const { changes = [], onCommitted = () => {} } = this.mesh.prepareNak(
        id,
        code,
        `at gateway ${this.mesh.hostId}`,
      );
      if (changes.length > 0) this.store.keep(changes, onCommitted);
    };
  }
}

/** What the origin of a request is told, when it surely was not delivered. */
function nakOf(outcome: Outcome): WireError | null {
  switch (outcome) {
    case "rejected":
      return WireError.NO_ROUTE;
    case "expired":
      return WireError.EXPIRED;
    case "cancelled":
      return WireError.CANCELLED;
    case "peer-removed":
      return WireError.PEER_REMOVED;
    case "dropped-by-policy":
      return WireError.QUEUE_FULL;
    default:
      return null;
  }
}
