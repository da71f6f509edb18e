/** The frames that two gateways introduce themselves with (iotgw §3). */
import { Command, Reqtype } from "../iotgw/commands.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import type { Frame } from "../iotgw/frame.ts";
import {
  type BareIntroduction,
  encodeBareIntroduction,
  encodeIntroduction,
  type Introduction,
} from "../iotgw/introduce.ts";

/** iotgw §2: rqid counts from 1 in each session. */
export const INTRODUCE_RQID = 1;
export const INTRODUCE_VERSION = 1;

const NOTHING = new Uint8Array(0);
const plain = { error: 0, rqid: 0, crc: false };

export function introduceRequest(said: Introduction): Uint8Array {
  const frame = {
    ...plain,
    reqtype: Reqtype.REQUEST,
    cmd: Command.INTRODUCE,
    cmdVersion: INTRODUCE_VERSION,
    rqid: INTRODUCE_RQID,
  };
  return encodeFrame(frame, encodeIntroduction(said));
}

/** Of version 1, to a request of version 1. */
export function introduceReply(request: Frame, said: Introduction): Uint8Array {
  return encodeFrame(replyTo(request, 0), encodeIntroduction(said));
}

/** All of a reply of version 0; of any version, with an error. */
export function bareReply(request: Frame, error: number, said: BareIntroduction): Uint8Array {
  return encodeFrame(replyTo(request, error), encodeBareIntroduction(said));
}

export function prove(proof: Uint8Array): Uint8Array {
  const frame = { ...plain, reqtype: Reqtype.ASYNC, cmd: Command.PROVE, cmdVersion: INTRODUCE_VERSION };
  return encodeFrame(frame, proof);
}

/** A reply that says nothing but why there is no other; null: to bytes that are no frame. */
export function errorReply(request: Frame | null, error: number): Uint8Array {
  const none = { ...plain, reqtype: Reqtype.REQUEST, cmd: Command.ILLEGAL, cmdVersion: 0 };
  return encodeFrame(replyTo(request ?? none, error), NOTHING);
}

function replyTo({ cmd, cmdVersion, rqid }: Frame, error: number): Frame {
  return { ...plain, reqtype: Reqtype.REPLY, cmd, cmdVersion, rqid, error };
}
