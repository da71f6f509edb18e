/**
 * Frames that this gateway had custody of and that will not arrive: kept for people to look at, the newest of them.
 *
 *   dl/NUMBER   what it was, and how it ended
 */
import { commandName } from "../iotgw/commands.ts";
import { decodeFrame } from "../iotgw/decode-frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import type { Outcome } from "../queue/packet.ts";
import type { Store } from "../store/store.ts";

const PREFIX = "dl/";
const KEPT = 1000;
/** Bytes of frames that are kept: they are all in memory. */
const KEPT_BYTES = 4 << 20;
const DIGITS = 14;

/** A frame that will not arrive. */
export interface Dead {
  frame: Uint8Array;
  outcome: Outcome;
  /** It left whole once. */
  maybeDelivered: boolean;
}

export interface DeadLetter {
  n: number;
  /** ms since 1970. */
  at: number;
  /** Host id of the gateway that it waited for, or was for. */
  peer: string;
  outcome: Outcome;
  /** It left whole once: it may have arrived all the same. */
  maybeDelivered: boolean;
  lane: number;
  command: string;
  /** Who made it, and its number there. */
  origin: string;
  seq: number;
  dst: string;
  bytes: number;
  /** The frame in hex: `bowline decode` reads it. */
  frame: string;
}

export class DeadLetters {
  private letters: DeadLetter[] = [];
  private bytes = 0;
  private last = 0;

  constructor(
    private readonly store: Store,
    private readonly wall: () => number,
  ) {}

  async load(): Promise<void> {
    this.letters = (await this.store.records<DeadLetter>(PREFIX)).map(([, letter]) => letter);
    this.last = this.letters.at(-1)?.n ?? 0;
    this.bytes = sizeOf(this.letters);
  }

  add(peer: bigint, { frame: bytes, outcome, maybeDelivered }: Dead): void {
    const view = decodeFrame(bytes, 0, bytes.length, bytes.length);
    if (view instanceof FrameFault || view.msgId === undefined) return; // it was never anybody's message
    const letter: DeadLetter = {
      ...{ n: ++this.last, at: this.wall(), peer: `${peer}`, outcome, maybeDelivered },
      ...{
        lane: view.qos?.lane ?? 0,
        command: commandName(view.cmd),
        origin: `${view.msgId.origin}`,
        seq: view.msgId.seq,
      },
      ...{
        dst: `${view.route?.dst ?? peer}`,
        bytes: bytes.length,
        frame: Buffer.from(bytes).toString("hex"),
      },
    };
    this.letters.push(letter);
    const changes = [{ key: keyOf(letter.n), value: letter as object | null }];
    this.bytes += letter.bytes;
    while (this.letters.length > KEPT || this.bytes > KEPT_BYTES) {
      const oldest = this.letters.shift()!;
      this.bytes -= oldest.bytes;
      changes.push({ key: keyOf(oldest.n), value: null });
    }
    this.store.putLater(changes);
  }

  /** The newest first; of one gateway, by its host id, or of all. */
  list(peer?: string): DeadLetter[] {
    return this.letters.filter((letter) => peer === undefined || letter.peer === peer).reverse();
  }

  /** Forgets them, of one gateway or of all -> how many. */
  clear(peer?: string): number {
    const gone = this.list(peer);
    this.store.putLater(gone.map(({ n }) => ({ key: keyOf(n), value: null })));
    this.letters = peer === undefined ? [] : this.letters.filter((letter) => letter.peer !== peer);
    this.bytes = sizeOf(this.letters);
    return gone.length;
  }
}

const keyOf = (n: number) => `${PREFIX}${String(n).padStart(DIGITS, "0")}`;
const sizeOf = (letters: readonly DeadLetter[]) => letters.reduce((sum, { bytes }) => sum + bytes, 0);
