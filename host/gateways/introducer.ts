/** What both sides of an introduction have in common: who this gateway is, and what comes of it. */
import { randomBytes } from "node:crypto";
import { Proof } from "../../shared/proof.ts";
import { Code } from "../../shared/session/codes.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, type FrameView } from "../iotgw/decode-frame.ts";
import { LANES } from "../iotgw/frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import {
  type BareIntroduction,
  CORE_VERSION,
  decodeBareIntroduction,
  decodeIntroduction,
  type Introduction,
} from "../iotgw/introduce.ts";
import { IntroduceError, WireError, wireErrorName } from "../iotgw/wire-error.ts";
import type { Log } from "../platform/log.ts";
import type { HostSession } from "../session/host-session.ts";
import type { Have, Introduced } from "./gateway-peer.ts";
import { bareReply, errorReply, INTRODUCE_VERSION, introduceReply } from "./introduce-frames.ts";
import type { PeerAdmission } from "./peer-admission.ts";

const MAX_REFUSALS = 1000;

/** Nothing is known of what the other side has made. */
export const haveNothing: Have = { epoch: 0n, have: new Array<number>(LANES).fill(0) };

export interface IntroducerOptions {
  hostId: bigint;
  /** Of this gateway, for people. */
  name: string;
  /** Of its store. */
  epoch: () => bigint;
  log: Log;
  admission: PeerAdmission;
  /** For a gateway that is configured, as GatewayPeer.haveUpTo() has it; undefined: it is not. */
  haveUpTo(hostId: bigint, epoch: bigint | null): Have | undefined;
  /** Whoever stands at the other end is known now. */
  onIntroduced(hostId: bigint, session: HostSession, introduced: Introduced): void;
  /** An introduction came to nothing. `hostId`: who it was, or claimed to be; null: it never said. */
  onRefused(hostId: bigint | null, reason: string): void;
}

export class Introducer {
  /** Why it was refused last, by who it was or where that came from. */
  private readonly refusals = new Map<string, string>();

  constructor(readonly options: IntroducerOptions) {}

  get bare(): BareIntroduction {
    return { hostId: this.options.hostId, coreVersion: CORE_VERSION };
  }

  /** What this gateway says of itself over `session`. */
  say(session: HostSession, { epoch, have }: Have): Introduction {
    const { name, epoch: own } = this.options;
    const nonce = randomBytes(Proof.NONCE_SIZE);
    return {
      ...this.bare,
      epoch: own(),
      ...{ caps: 0, maxFrame: session.max, window: session.rx, nonce },
      ...{ haveEpoch: epoch, have, name, proof: undefined },
    };
  }

  /** The session is the peer's: `said` was proved where it had to be. */
  introduced(session: HostSession, said: Introduction, firstIndex: number, isDialled: boolean): void {
    session.confirm(said.window);
    session.accept(firstIndex);
    const { hostId } = said;
    this.refusals.delete(String(hostId));
    this.options.onIntroduced(hostId, session, {
      said,
      firstIndex,
      isDialled,
      again: (bytes, start, end) => this.again(session, hostId, bytes, start, end),
    });
  }

  /** Ends the session with `reply`, which leaves before. */
  refuse(session: HostSession, hostId: bigint | null, code: Code, reason: string, reply: Uint8Array): void {
    this.tell(session, hostId, reason);
    session.endWith(reply, code);
  }

  /** Ends the session without a word. */
  giveUp(session: HostSession, hostId: bigint, code: Code, reason: string): void {
    this.tell(session, hostId, reason);
    session.finish(code);
  }

  /** Bytes that are no frame, or none that is legal now. */
  refuseFrame(session: HostSession, frame: FrameView | null, code: WireError, reason: string): void {
    this.refuse(session, null, Code.HELLO_INVALID, reason, errorReply(frame, code));
  }

  tell(session: HostSession, hostId: bigint | null, reason: string): void {
    const { log, onRefused } = this.options;
    onRefused(hostId, reason);
    // One that is refused tries again for ever: one line for each thing that is wrong.
    const from = hostId === null ? session.remoteAddress : String(hostId);
    if (this.refusals.get(from) === reason) return;
    if (this.refusals.size >= MAX_REFUSALS) this.refusals.clear();
    this.refusals.set(from, reason);
    const peer = hostId === null ? {} : { peer: String(hostId) };
    log.warn({ ...peer, via: session.via, reason }, "introduction refused");
  }

  /** An INTRODUCE of a side that is known already (iotgw §2). */
  private again(
    session: HostSession,
    hostId: bigint,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Uint8Array | null {
    const frame = decodeFrame(bytes, start, end, session.max);
    const said = frame instanceof FrameFault ? frame : decodeSaid(frame);
    if (frame instanceof FrameFault || said instanceof FrameFault) {
      this.refuseFrame(session, null, WireError.BAD_FRAME, (said as FrameFault).text);
      return null;
    }
    if (frame.reqtype === Reqtype.REPLY) {
      if (frame.error !== 0) this.refusedBy(session, hostId, frame);
      return null;
    }
    if (said.hostId !== hostId) {
      const reason = `${hostId} introduces itself again as ${said.hostId}`;
      const reply = bareReply(frame, IntroduceError.INVALID_AUTH, this.bare);
      this.refuse(session, hostId, Code.INTRODUCTION_REFUSED, reason, reply);
      return null;
    }
    if (frame.cmdVersion !== INTRODUCE_VERSION) return bareReply(frame, 0, this.bare);
    return introduceReply(frame, this.say(session, haveNothing));
  }

  /** A reply to INTRODUCE says no. */
  refusedBy(session: HostSession, hostId: bigint, frame: FrameView): void {
    const name = wireErrorName(frame.error, Command.INTRODUCE);
    const why =
      frame.error === IntroduceError.UNKNOWN_HOST
        ? `it does not know ${this.options.hostId}: list that in its peers.connect`
        : frame.error === IntroduceError.INVALID_AUTH
          ? "it does not believe that it is us: the keys are not the same, or it has none for us"
          : "";
    const reason = `${hostId} refuses our introduction with ${name}${why === "" ? "" : `; ${why}`}`;
    this.giveUp(session, hostId, Code.INTRODUCTION_REFUSED, reason);
  }
}

/** The body of an INTRODUCE, of whichever version; a refusal's is bare in any. */
export function decodeSaid(frame: FrameView): Introduction | BareIntroduction | FrameFault {
  const { bytes, bodyStart, end } = frame;
  const isBare = frame.cmdVersion !== INTRODUCE_VERSION || frame.error !== 0;
  return isBare ? decodeBareIntroduction(bytes, bodyStart, end) : decodeIntroduction(bytes, bodyStart, end);
}

export function isWhole(said: Introduction | BareIntroduction): said is Introduction {
  return "epoch" in said;
}
