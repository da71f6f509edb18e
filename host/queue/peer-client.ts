/**
 * The peers as another thread sees them: it adds packets, withdraws them and hears their outcomes (iotgw X.1 step 4, §9).
 *
 * To withdraw one is a change of its word, here and now; all else goes to the hub, in the order in which it was said.
 */
import type { MessagePort } from "node:worker_threads";
import { Claim, ClaimWords, changeClaim, type LentWord } from "./claim-words.ts";
import { Lane, type Outcome } from "./packet.ts";
import {
  ADD_FIELDS,
  type AddBatch,
  decodeResult,
  type HubReport,
  isRefusal,
  type PeerKey,
  RESULT_FIELDS,
  sharedNow,
} from "./peer-messages.ts";
import type { Refusal } from "./queue-limits.ts";

/** Who is told what became of a packet: whether it was taken, and of one that was, its outcome, each once. */
export interface ClientOwner {
  onAccepted?(packet: ClientPacket): void;
  onRefused(packet: ClientPacket, refusal: Refusal): void;
  onOutcome(packet: ClientPacket, outcome: Outcome): void;
}

export interface ClientPacketOptions {
  lane?: Lane;
  /** ms from when it is added. */
  ttlMs?: number;
  isRequeued?: boolean;
  key?: string;
}

/** Packets of which the hub has not said whether it takes them: more would only wait in the port. */
const MAX_UNANSWERED = 16_384;
/** A message is sent when so much has come together, else at the end of the turn. */
const BATCH_PACKETS = 256;
const BATCH_BYTES = 65_536;

const nobody: ClientOwner = { onRefused() {}, onOutcome() {} };

export class ClientPacket {
  /** It came to this, or was refused for this; null: not yet. */
  result: Outcome | Refusal | null = null;
  /** With outcome peer-removed or unknown: the peer may have it all the same (G5). */
  maybeDelivered = false;
  serial = 0;
  /** Of the peers of its message, which. */
  peer = 0;
  word: LentWord | null = null;
  client: PeerClient | null = null;
  private isInvalid = false;

  /** The bytes are copied when it is added (R1.1). */
  constructor(
    readonly bytes: Uint8Array,
    readonly options: ClientPacketOptions = {},
    readonly owner: ClientOwner = nobody,
  ) {
    const { lane = Lane.NORMAL } = options;
    if (!(lane >= 0 && lane <= Lane.BULK)) throw new RangeError(`a packet in lane ${lane}; allowed: 0…3`);
  }

  isValid(): boolean {
    return !this.isInvalid;
  }

  /** It is no longer wanted (iotgw X.1 step 8). True: no byte of it has left or ever will. */
  setInvalid(): boolean {
    if (this.isInvalid || this.result !== null) return false;
    const { word, client } = this;
    if (word === null || client === null) {
      this.isInvalid = true;
      return true;
    }
    const isUnseen = changeClaim(word, Claim.QUEUED, Claim.INVALID);
    this.isInvalid = isUnseen || changeClaim(word, Claim.RETURNED, Claim.INVALID);
    if (this.isInvalid) client.tellWithdrawn(this);
    return isUnseen;
  }
}

/** One peer, as long as it is configured. */
export class ClientPeer {
  constructor(
    readonly key: PeerKey,
    private readonly client: PeerClient,
  ) {}

  /** Null: it is on its way to the hub, which takes or refuses it. Else nothing has changed. */
  addPacket(packet: ClientPacket): Refusal | null {
    return this.client.add(this.key, packet);
  }
}

export class PeerClient {
  private peers = new Map<bigint, ClientPeer>();
  private readonly words = new ClaimWords();
  private readonly packets = new Map<number, ClientPacket>();
  private serial = 0;
  private unanswered = 0;
  /** Added and not sent, and which peers they are for. */
  private batch: ClientPacket[] = [];
  private batchPeers: PeerKey[] = [];
  private batchBytes = 0;
  private bodies = new Uint8Array(BATCH_BYTES);
  private withdrawn: number[] = [];
  private isFlushing = false;
  private waiting: (() => void)[] = [];
  private onPeers = () => {};

  /** `port`: its other end is a PeerHub's. */
  constructor(private readonly port: MessagePort) {}

  /** Resolves once it knows the peers. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.onPeers = resolve;
      this.port.on("message", (report: HubReport) => this.hear(report));
    });
  }

  stop(): void {
    this.flush();
    this.port.close();
  }

  /** Null: PEER_UNKNOWN (R2.1). It may be removed at any time after: then the packet is refused. */
  findPeer(id: bigint | string): ClientPeer | null {
    return this.peers.get(BigInt(id)) ?? null;
  }

  /** Resolves once the hub has answered for some of those that were added (TRY_AGAIN). */
  whenRoom(): Promise<void> {
    if (this.unanswered < MAX_UNANSWERED) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  // ── for its peers and packets ───────────────────────────────────────────────────────────────────────────────

  add(key: PeerKey, packet: ClientPacket): Refusal | null {
    if (this.peers.get(key.id)?.key.generation !== key.generation) return "PEER_REMOVED";
    if (packet.client !== null) return packet.result === null ? "ALREADY_QUEUED" : "INVALID_STATE";
    if (!packet.isValid()) return "OBJECT_INVALIDATED";
    if (this.unanswered >= MAX_UNANSWERED) return "TRY_AGAIN";
    packet.client = this;
    packet.serial = ++this.serial;
    packet.word = this.words.lend();
    this.packets.set(packet.serial, packet);
    this.unanswered++;
    this.hold(key, packet);
    if (this.batch.length >= BATCH_PACKETS) this.flush();
    else this.flushSoon();
    return null;
  }

  /** Until it is sent; its bytes are copied here. */
  private hold(key: PeerKey, packet: ClientPacket): void {
    const { length } = packet.bytes;
    if (this.batchBytes + length > this.bodies.length) this.flush();
    if (length > this.bodies.length) this.bodies = new Uint8Array(length);
    this.bodies.set(packet.bytes, this.batchBytes);
    this.batchBytes += length;
    let peer = this.batchPeers.indexOf(key);
    if (peer < 0) peer = this.batchPeers.push(key) - 1;
    packet.peer = peer;
    this.batch.push(packet);
  }

  /** Its word says so; the hub is told, so that it does not wait for the packet's turn. */
  tellWithdrawn({ serial }: ClientPacket): void {
    this.withdrawn.push(serial);
    this.flushSoon();
  }

  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    queueMicrotask(() => {
      this.isFlushing = false;
      this.flush();
    });
  }

  private flush(): void {
    const { batch, batchPeers: peers, batchBytes, withdrawn } = this;
    if (batch.length === 0 && withdrawn.length === 0) return;
    const bodies = this.bodies.slice(0, batchBytes);
    this.batch = [];
    this.batchPeers = [];
    this.batchBytes = 0;
    this.withdrawn = [];
    const rows = new Float64Array(batch.length * ADD_FIELDS);
    const keys = new Map<number, string>();
    for (let row = 0; row < batch.length; row++) {
      const packet = batch[row];
      const { lane = Lane.NORMAL, ttlMs = Infinity, isRequeued = true, key } = packet.options;
      const { chunk, index, life } = packet.word!;
      const at = row * ADD_FIELDS;
      rows[at] = packet.serial;
      rows[at + 1] = packet.peer;
      rows[at + 2] = lane + (isRequeued ? 4 : 0);
      rows[at + 3] = ttlMs;
      rows[at + 4] = packet.bytes.length;
      rows[at + 5] = chunk;
      rows[at + 6] = index;
      rows[at + 7] = life;
      if (key !== undefined) keys.set(row, key);
    }
    const words = this.words.showNew();
    const message: AddBatch = { at: sharedNow(), peers, rows, bodies, keys, withdrawn, words };
    this.port.postMessage(message, [rows.buffer, bodies.buffer]);
  }

  private hear({ peers, results }: HubReport): void {
    if (peers !== undefined) this.learn(peers);
    for (let i = 0; i < results.length; i += RESULT_FIELDS)
      this.tell(this.packets.get(results[i])!, results[i + 1], results[i + 2] === 1);
    if (this.unanswered < MAX_UNANSWERED) for (const resolve of this.waiting.splice(0)) resolve();
  }

  private learn(keys: PeerKey[]): void {
    const known = this.peers;
    this.peers = new Map();
    for (const key of keys) {
      const peer = known.get(key.id);
      this.peers.set(key.id, peer?.key.generation === key.generation ? peer : new ClientPeer(key, this));
    }
    this.onPeers();
  }

  private tell(packet: ClientPacket, code: number, maybeDelivered: boolean): void {
    const result = decodeResult(code);
    if (result === "accepted") {
      this.unanswered--;
      packet.owner.onAccepted?.(packet);
      return;
    }
    this.packets.delete(packet.serial);
    this.words.giveBack(packet.word!);
    packet.result = result;
    packet.maybeDelivered = maybeDelivered;
    if (isRefusal(code)) {
      this.unanswered--;
      packet.owner.onRefused(packet, result as Refusal);
    } else packet.owner.onOutcome(packet, result as Outcome);
  }
}
