/** A frame of this gateway before it is anybody's: what it says, its bytes once it has a number, and why it is not taken. */
import { type Command, commandName, Reqtype } from "../iotgw/commands.ts";
import { Delivery, type Ref, ttlOf } from "../iotgw/frame.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { Lane } from "../queue/packet.ts";
import type { OnOutcome } from "./peer-frames.ts";

/** A frame to another gateway, before it has a number. */
export interface Outgoing {
  dst: bigint;
  cmd: Command;
  reqtype: Reqtype;
  lane: Lane;
  /** ms; Infinity: its life has no end. */
  ttlMs: number;
  content: Uint8Array;
  ref?: Ref;
  /** In replies. */
  error?: number;
  /** Not kept for a gateway that is away: it ends `rejected` after a few seconds. */
  isDirect?: boolean;
  /** false: once it left, a lost session ends it, outcome unknown. */
  isRequeued?: boolean;
  onOutcome?: OnOutcome;
}

/** Whether there may be too many of its kind soon: of what ends something there is no more than of what it ends. */
export function isBounded({ reqtype, lane }: Outgoing): boolean {
  return reqtype !== Reqtype.REPLY && lane !== Lane.CONTROL;
}

export function encodeOutgoing(
  { dst, cmd, reqtype, lane, ttlMs, content, ref, error = 0, isDirect = false }: Outgoing,
  from: { hostId: bigint; epoch: bigint; seq: number; maxHops: number },
): Uint8Array {
  const { hostId, epoch, seq, maxHops } = from;
  const frame = {
    ...{ reqtype, cmd, cmdVersion: 1, error, rqid: 0, crc: false },
    msgId: { origin: hostId, seq },
    route: { src: hostId, dst, hopsLeft: maxHops, hopsDone: 0, flags: 0 },
    qos: { lane, delivery: isDirect ? Delivery.DIRECT : Delivery.CUSTODY, ttlMs: ttlOf(ttlMs) },
    ...(ref !== undefined && { ref }),
  };
  return encodeNumbered(frame, epoch, content);
}

/** `isKnown`: there is a way, and who stands there is away. */
export function noRoute(outgoing: Outgoing, isKnown: boolean): BowlineError {
  const seen = isKnown ? "it is away" : "it is no peer, and no route leads to it";
  const exitCode = isKnown ? ExitCode.refused : ExitCode.notFound;
  return new BowlineError("NO_ROUTE", `${attempt(outgoing)}: ${seen}`, exitCode, "bowline peers");
}

export function queueFull(
  outgoing: Outgoing,
  { count, bytes }: { count: number; bytes: number },
): BowlineError {
  const seen = `${count} frames with ${bytes} bytes wait on the way to it`;
  return new BowlineError("QUEUE_FULL", `${attempt(outgoing)}: ${seen}`, ExitCode.busy, "bowline queue");
}

export function tooBig(outgoing: Outgoing, bytes: number, most: number): BowlineError {
  return new BowlineError(
    "TOO_BIG",
    `${attempt(outgoing)}: it has ${bytes} bytes, ${most} allowed`,
    ExitCode.usage,
  );
}

const attempt = ({ cmd, dst }: Outgoing) => `sending ${commandName(cmd)} to gateway ${dst}`;
