/** Frames for tests: bytes as a document writes them, a frame to begin from, and what was read, without where. */
import { Command, Reqtype } from "../commands.ts";
import { decodeFrame, type FrameView } from "../decode-frame.ts";
import type { Frame } from "../frame.ts";
import { FrameFault } from "../frame-fault.ts";

export const MAX_FRAME = 65_536;
/** Of the random tests. */
export const SEED: number = Number(process.env.SEED ?? 5);

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ""), "hex"));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** A request DATA without parts. */
export const bare: Frame = {
  reqtype: Reqtype.REQUEST,
  cmd: Command.DATA,
  cmdVersion: 0,
  error: 0,
  rqid: 0,
  crc: false,
};

/** A view's fields, without what says where it was read. */
export function fieldsOf(view: FrameView): Frame {
  const { reqtype, cmd, cmdVersion, error, rqid, msgId, route, qos, ref, frag, crc } = view;
  return { reqtype, cmd, cmdVersion, error, rqid, msgId, route, qos, ref, frag, crc };
}

/** The frame that bytes are to be. */
export function decoded(bytes: Uint8Array, maxFrame = MAX_FRAME): FrameView {
  const view = decodeFrame(bytes, 0, bytes.length, maxFrame);
  if (view instanceof FrameFault) throw new Error(`${hexOf(bytes)}: ${view.text}`);
  return view;
}

/** Why bytes, which are to be none, are no frame. */
export function refused(hex: string, maxFrame = MAX_FRAME): FrameFault {
  const bytes = bytesOf(hex);
  const fault = decodeFrame(bytes, 0, bytes.length, maxFrame);
  if (!(fault instanceof FrameFault)) throw new Error(`${hex} was taken`);
  return fault;
}
