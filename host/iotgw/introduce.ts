/**
 * The body of INTRODUCE, in a request and its reply alike (iotgw §3, §4): who speaks, and where the numbers stand.
 *
 *   version 0   hostId:8  coreVersion:4
 *   version 1   hostId:8  coreVersion:4  epoch:8  caps:4  maxFrame:4  window:4  nonce:16
 *               haveEpoch:8  have:8 (lane 0)  have:8  have:8  have:8 (lane 3)
 *               nameSize:1  name:~  proofSize:1  proof:~                              proofSize 0 or 32
 */
import { Proof } from "../../shared/proof.ts";
import { LANES } from "./frame.ts";
import { badFrame, type FrameFault } from "./frame-fault.ts";
import {
  checkWhole,
  readSeq,
  readU32,
  readU64,
  SEQ_RANGE,
  writeSeq,
  writeU32,
  writeU64,
} from "./integers.ts";
import { encodeText, textOf } from "./utf8.ts";

/** core_version of the document's own example, 0.1:10; nobody decides anything by it (iotgw §2). */
export const CORE_VERSION = 0x0001_000a;

const VERSION_0_BYTES = 12;
const MAX_NAME_BYTES = 255;
const U32 = 0xffff_ffff;

const enum At {
  CORE_VERSION = 8,
  EPOCH = 12,
  CAPS = 20,
  MAX_FRAME = 24,
  WINDOW = 28,
  NONCE = 32,
  HAVE_EPOCH = 48,
  HAVE = 56,
  NAME_SIZE = 88,
  NAME = 89,
}

/** Version 0: all that upstream says. */
export interface BareIntroduction {
  hostId: bigint;
  coreVersion: number;
}

export interface Introduction extends BareIntroduction {
  /** Of the speaker's store. */
  epoch: bigint;
  /** Bits of what the speaker can; none is given out yet. */
  caps: number;
  /** Bytes of the largest frame it takes. */
  maxFrame: number;
  /** Bytes it holds that it has not acknowledged. */
  window: number;
  nonce: Uint8Array;
  /** The listener's epoch that `have` is about; 0: none is known, and `have` says nothing. */
  haveEpoch: bigint;
  /** By lane: up to which number it has what the listener made in that epoch. */
  have: readonly number[];
  name: string;
  proof: Uint8Array | undefined;
}

/** ver 0…255, patchlevel 0…255, revision 0…65535. */
export function formatCoreVersion(version: number): string {
  return `${version >>> 24}.${(version >>> 16) & 255}:${version & 0xffff}`;
}

export function encodeBareIntroduction({ hostId, coreVersion }: BareIntroduction): Uint8Array {
  const body = new Uint8Array(VERSION_0_BYTES);
  writeU64(body, 0, hostId);
  writeU32(body, At.CORE_VERSION, checkWhole("coreVersion", coreVersion, U32));
  return body;
}

export function encodeIntroduction(said: Introduction): Uint8Array {
  const name = encodeText(said.name);
  const proofSize = said.proof?.length ?? 0;
  checkWhole("bytes of the name", name.length, MAX_NAME_BYTES);
  if (said.nonce.length !== Proof.NONCE_SIZE || (proofSize !== 0 && proofSize !== Proof.MAC_SIZE))
    throw new RangeError(
      `encoding an introduction: a nonce of ${said.nonce.length} bytes and a proof of ${proofSize}; allowed 16, and 0 or 32`,
    );
  if (said.have.length !== LANES)
    throw new RangeError(
      `encoding an introduction: watermarks of ${said.have.length} lanes; allowed ${LANES}`,
    );
  const body = new Uint8Array(At.NAME + name.length + 1 + proofSize);
  body.set(encodeBareIntroduction(said));
  writeU64(body, At.EPOCH, said.epoch);
  writeU32(body, At.CAPS, checkWhole("caps", said.caps, U32));
  writeU32(body, At.MAX_FRAME, checkWhole("maxFrame", said.maxFrame, U32));
  writeU32(body, At.WINDOW, checkWhole("window", said.window, U32));
  body.set(said.nonce, At.NONCE);
  writeU64(body, At.HAVE_EPOCH, said.haveEpoch);
  said.have.forEach((seq, lane) => {
    writeSeq(body, At.HAVE + 8 * lane, seq);
  });
  body[At.NAME_SIZE] = name.length;
  body.set(name, At.NAME);
  body[At.NAME + name.length] = proofSize;
  if (said.proof !== undefined) body.set(said.proof, At.NAME + name.length + 1);
  return body;
}

/** The body of version 0, bytes[start…end): a refusal of version 1 may have it too. */
export function decodeBareIntroduction(
  bytes: Uint8Array,
  start: number,
  end: number,
): BareIntroduction | FrameFault {
  if (end - start !== VERSION_0_BYTES)
    return badFrame(`INTRODUCE version 0: ${end - start} bytes; allowed ${VERSION_0_BYTES}`);
  return bareOf(bytes, start);
}

/** The body of version 1. What it holds of `bytes` is copied, for it outlives them. */
export function decodeIntroduction(bytes: Uint8Array, start: number, end: number): Introduction | FrameFault {
  const size = end - start;
  if (size <= At.NAME) return badFrame(`INTRODUCE: ${size} bytes; allowed ${At.NAME + 1} and more`);
  const nameEnd = At.NAME + bytes[start + At.NAME_SIZE];
  const proofSize = nameEnd < size ? bytes[start + nameEnd] : 0;
  if (proofSize !== 0 && proofSize !== Proof.MAC_SIZE)
    return badFrame(`INTRODUCE: a proof of ${proofSize} bytes; allowed 0 and ${Proof.MAC_SIZE}`);
  if (nameEnd + 1 + proofSize !== size)
    return badFrame(`INTRODUCE: ${size} bytes; its sizes allow ${nameEnd + 1 + proofSize}`);
  const name = textOf(bytes.subarray(start + At.NAME, start + nameEnd));
  if (name === undefined) return badFrame("INTRODUCE: the name is no UTF-8");
  const have = Array.from({ length: LANES }, (_, lane) => readSeq(bytes, start + At.HAVE + 8 * lane));
  if (have.includes(SEQ_RANGE)) return badFrame("INTRODUCE: a watermark above 2^53 − 1");
  return {
    ...bareOf(bytes, start),
    epoch: readU64(bytes, start + At.EPOCH),
    caps: readU32(bytes, start + At.CAPS),
    maxFrame: readU32(bytes, start + At.MAX_FRAME),
    window: readU32(bytes, start + At.WINDOW),
    nonce: new Uint8Array(bytes.subarray(start + At.NONCE, start + At.HAVE_EPOCH)),
    haveEpoch: readU64(bytes, start + At.HAVE_EPOCH),
    have,
    name,
    proof: proofSize === 0 ? undefined : new Uint8Array(bytes.subarray(end - proofSize, end)),
  };
}

function bareOf(bytes: Uint8Array, start: number): BareIntroduction {
  return { hostId: readU64(bytes, start), coreVersion: readU32(bytes, start + At.CORE_VERSION) };
}
