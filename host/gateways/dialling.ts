/**
 * The dialler's side of an introduction: it owns the session that was asked for until the other end is known.
 *
 *   we      INTRODUCE ──────────────────────────────▶             PROVE ─────────────▶
 *   they                 ◀── reply, with their proof ──┘                    ◀── counted: we are known
 *
 * The proof is counted only when it is right, so nothing is sent, and nothing claimed, before both ends know each other.
 */
import { Payload } from "../../shared/message.ts";
import { Code } from "../../shared/session/codes.ts";
import { Command, commandName, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, type FrameView } from "../iotgw/decode-frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import type { Introduction } from "../iotgw/introduce.ts";
import type { ClientSession } from "../session/client-session.ts";
import { nobody, type SessionOwner } from "../session/session-owner.ts";
import { INTRODUCE_RQID, introduceRequest, prove } from "./introduce-frames.ts";
import { decodeSaid, haveNothing, type Introducer, isWhole } from "./introducer.ts";
import { isProof, proofOf, type Transcript } from "./proof.ts";

export interface Dialled {
  hostId: bigint;
  /** What both ends are to prove; undefined: there is no key. */
  key: Uint8Array | undefined;
  /** A certificate has said who they are: they need not prove a key as well. */
  isVouchedFor: boolean;
}

export class Dialling implements SessionOwner {
  onDisconnected = nobody.onDisconnected;
  onWritable = nobody.onWritable;
  onClosed = nobody.onClosed;
  private said: Introduction | null = null;
  /** What they said, once we have to prove ourselves to them, and the index of what may come behind it. */
  private proving: { theirs: Introduction; firstIndex: number } | null = null;

  constructor(
    private readonly session: ClientSession,
    private readonly dialled: Dialled,
    private readonly introducer: Introducer,
  ) {}

  /** The slot sends it again over each further connection. */
  onConnected(): void {
    if (this.said !== null) return;
    const have = this.introducer.options.haveUpTo(this.dialled.hostId, null) ?? haveNothing;
    this.said = this.introducer.say(this.session, have);
    this.session.greet(introduceRequest(this.said));
  }

  onAcknowledged(): void {
    if (this.proving !== null && this.session.isHeard) this.introduce(this.proving);
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    const copy = new Uint8Array(bytes.subarray(start, end)); // slice() of a Buffer is a view
    const frame = decodeFrame(copy, 0, copy.length, Payload.MAX_HELLO);
    if (frame instanceof FrameFault) return this.fail(Code.HELLO_INVALID, frame.text);
    const isReply = frame.cmd === Command.INTRODUCE && frame.reqtype === Reqtype.REPLY;
    if (isReply && frame.error !== 0)
      return this.introducer.refusedBy(this.session, this.dialled.hostId, frame);
    if (this.proving !== null) {
      // It speaks to one it knows: the count of our proof was lost with a connection.
      this.introduce(this.proving);
      return this.session.passOn(bytes, start, end, index);
    }
    if (!isReply || frame.rqid !== INTRODUCE_RQID)
      return this.fail(Code.HELLO_INVALID, `sent ${commandName(frame.cmd)} before it introduced itself`);
    this.hear(frame, index);
  }

  private hear(frame: FrameView, index: number): void {
    const { hostId } = this.dialled;
    const theirs = decodeSaid(frame);
    if (theirs instanceof FrameFault) return this.fail(Code.HELLO_INVALID, theirs.text);
    if (!isWhole(theirs)) return this.fail(Code.HELLO_INVALID, "introduces itself in version 0; allowed: 1");
    if (theirs.hostId !== hostId)
      return this.fail(Code.INTRODUCTION_REFUSED, `is ${theirs.hostId}: another gateway listens there`);
    if (theirs.epoch === 0n) return this.fail(Code.HELLO_INVALID, "has epoch 0, which is nobody's");
    this.judge(theirs, index);
  }

  private judge(theirs: Introduction, index: number): void {
    const { key, isVouchedFor } = this.dialled;
    const { session } = this;
    const { proof } = theirs;
    const firstIndex = index + 1;
    if (key === undefined) {
      if (proof !== undefined)
        return this.fail(Code.KEY_NEEDED, "wants a key proved, and there is none for it here");
      return this.introduce({ theirs, firstIndex });
    }
    if (proof === undefined) {
      if (isVouchedFor) return this.introduce({ theirs, firstIndex });
      return this.fail(Code.PROOF_INVALID, "does not prove its key: it has none for us");
    }
    const transcript: Transcript = { sessionId: session.id, dialler: this.said!, listener: theirs };
    if (!isProof(key, "l", transcript, proof))
      return this.fail(
        Code.PROOF_INVALID,
        "does not prove its key: it is another than ours, or it does not know us",
      );
    this.proving = { theirs, firstIndex };
    session.accept(firstIndex);
    session.greet(prove(proofOf(key, "d", transcript)));
  }

  private introduce({ theirs, firstIndex }: { theirs: Introduction; firstIndex: number }): void {
    this.introducer.introduced(this.session, theirs, firstIndex, true);
  }

  private fail(code: Code, what: string): void {
    const { hostId } = this.dialled;
    this.introducer.giveUp(this.session, hostId, code, `${hostId} ${what}`);
  }
}
