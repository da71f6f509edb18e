/**
 * The listener's side of an introduction: it owns the session of one that dialled until that is known (iotgw §2, §9).
 *
 *   they    INTRODUCE ──────────────────────────▶            PROVE ─▶ known
 *   we                 ◀── reply, with our proof ──┘
 *
 * Without a key to prove there is no proof in the reply, no PROVE, and they are known at once. Version 0 is answered as
 * upstream does, and leads no further: it says neither epoch nor numbers.
 */
import { Payload } from "../../shared/message.ts";
import { Code } from "../../shared/session/codes.ts";
import { Command, commandName, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, type FrameView } from "../iotgw/decode-frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import type { BareIntroduction, Introduction } from "../iotgw/introduce.ts";
import { decodeProof } from "../iotgw/proof-body.ts";
import { IntroduceError, WireError } from "../iotgw/wire-error.ts";
import type { ServerSession } from "../session/server-session.ts";
import { nobody, type SessionOwner } from "../session/session-owner.ts";
import { bareReply, errorReply, INTRODUCE_VERSION, introduceReply } from "./introduce-frames.ts";
import { decodeSaid, haveNothing, type Introducer, isWhole } from "./introducer.ts";
import type { Nonces } from "./nonces.ts";
import { isProof, proofOf, type Transcript } from "./proof.ts";

export class Listening implements SessionOwner {
  onAcknowledged = nobody.onAcknowledged;
  onConnected = nobody.onConnected;
  onDisconnected = nobody.onDisconnected;
  onWritable = nobody.onWritable;
  /** Who they said they were; null before. */
  private claimed: bigint | null = null;
  /** The key they have to prove, and over what. */
  private awaited: { key: Uint8Array; transcript: Transcript; request: FrameView } | null = null;

  constructor(
    private readonly session: ServerSession,
    private readonly introducer: Introducer,
    private readonly nonces: Nonces,
  ) {}

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    // What is kept of it outlives the chunk.
    const copy = new Uint8Array(bytes.subarray(start, end)); // slice() of a Buffer is a view
    const frame = decodeFrame(copy, 0, copy.length, Payload.MAX_HELLO);
    if (frame instanceof FrameFault) return this.refuseFrame(null, WireError.BAD_FRAME, frame.text);
    const { cmd, reqtype } = frame;
    if (cmd === Command.INTRODUCE && reqtype === Reqtype.REQUEST) return this.hear(frame, index);
    if (cmd === Command.PROVE && reqtype === Reqtype.ASYNC && this.awaited !== null)
      return this.judgeProof(frame, this.awaited, index);
    const reason = `${commandName(cmd)} before the introduction`;
    this.refuseFrame(frame, WireError.NOINTRODUCTION, reason);
  }

  onClosed(code: Code): void {
    // It hangs up in good order only when it has found that our key is not its own.
    if (this.awaited === null || code !== Code.CLOSED) return;
    this.introducer.tell(
      this.session,
      this.claimed,
      `${this.claimed} refuses our proof: its key is another, it has none, or it does not know us`,
    );
  }

  private hear(frame: FrameView, index: number): void {
    if (frame.cmdVersion > INTRODUCE_VERSION) return this.answer(errorReply(frame, WireError.VERSION), index);
    const said = decodeSaid(frame);
    if (said instanceof FrameFault) return this.refuseFrame(frame, WireError.BAD_FRAME, said.text);
    const { hostId } = said;
    if (this.claimed !== null && this.claimed !== hostId)
      return this.deny(
        frame,
        IntroduceError.INVALID_AUTH,
        `${this.claimed} introduces itself again as ${hostId}`,
      );
    this.claimed = hostId;
    this.session.device = String(hostId);
    this.awaited = null;
    if (isWhole(said)) this.judge(frame, said, index);
    else this.answerBare(frame, said, index);
  }

  private judge(frame: FrameView, said: Introduction, index: number): void {
    const { introducer, session } = this;
    const { admission, haveUpTo } = introducer.options;
    if (said.epoch === 0n)
      return this.refuseFrame(frame, WireError.BAD_FRAME, "INTRODUCE: epoch 0; it is nobody's");
    if (!this.nonces.take(said.nonce))
      return this.deny(
        frame,
        IntroduceError.INVALID_AUTH,
        `the introduction of ${said.hostId} was here before`,
      );
    const verdict = admission.judge(said.hostId, session.wire);
    if (verdict.kind === "refuse") return this.deny(frame, IntroduceError.INVALID_AUTH, verdict.reason);
    if (verdict.kind === "prove") {
      const listener = introducer.say(session, haveNothing);
      const transcript = { sessionId: session.id, dialler: said, listener };
      this.awaited = { key: verdict.key, transcript, request: frame };
      const proof = proofOf(verdict.key, "l", transcript);
      return this.answer(introduceReply(frame, { ...listener, proof }), index);
    }
    const have = haveUpTo(said.hostId, said.epoch);
    if (have === undefined) return this.denyUnknown(frame, said);
    this.answer(introduceReply(frame, introducer.say(session, have)), index);
    introducer.introduced(session, said, index + 1, false);
  }

  private judgeProof(
    frame: FrameView,
    { key, transcript, request }: NonNullable<Listening["awaited"]>,
    index: number,
  ): void {
    const { introducer, session } = this;
    const shown = decodeProof(frame.bytes, frame.bodyStart, frame.end);
    if (shown instanceof FrameFault) return this.refuseFrame(frame, WireError.BAD_FRAME, shown.text);
    const said = transcript.dialler;
    if (!isProof(key, "d", transcript, shown))
      return this.deny(request, IntroduceError.INVALID_AUTH, `${said.hostId} does not prove its key`);
    if (introducer.options.haveUpTo(said.hostId, said.epoch) === undefined)
      return this.denyUnknown(request, said);
    introducer.introduced(session, said, index + 1, false);
  }

  /** Upstream's own: no key can be proved by it, and no frame follows it. */
  private answerBare(frame: FrameView, said: BareIntroduction, index: number): void {
    const { admission, haveUpTo } = this.introducer.options;
    if (admission.judge(said.hostId, this.session.wire).kind !== "admit")
      return this.deny(frame, IntroduceError.INVALID_AUTH, `${said.hostId} cannot prove a key in version 0`);
    if (haveUpTo(said.hostId, null) === undefined) return this.denyUnknown(frame, said);
    this.answer(bareReply(frame, 0, this.introducer.bare), index);
  }

  private answer(reply: Uint8Array, index: number): void {
    if (!this.session.greet(reply)) return this.session.end(Code.TOO_MANY);
    this.session.accept(index + 1);
  }

  private denyUnknown(frame: FrameView, { hostId }: BareIntroduction): void {
    this.deny(frame, IntroduceError.UNKNOWN_HOST, `${hostId} is none of peers.connect`);
  }

  private deny(frame: FrameView, error: IntroduceError, reason: string): void {
    const { introducer, session, claimed } = this;
    introducer.refuse(
      session,
      claimed,
      Code.INTRODUCTION_REFUSED,
      reason,
      bareReply(frame, error, introducer.bare),
    );
  }

  private refuseFrame(frame: FrameView | null, code: WireError, reason: string): void {
    this.introducer.refuseFrame(this.session, frame, code, reason);
  }
}
