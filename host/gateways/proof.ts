/**
 * What a gateway proves its key with: both introductions, without proofs, and the session that they were made in. So a
 * proof is worth nothing in another session, nor for who stands at the other end of this one (iotgw §9).
 *
 *   "bowline-1 introduce"  role:1  sessionID:16  body of the side that dialled:~  body of the side that listens:~
 */
import { Proof } from "../../shared/proof.ts";
import { byteString, isMac, mac } from "../admission/mac.ts";
import { encodeIntroduction, type Introduction } from "../iotgw/introduce.ts";

/** Who proves: else one could hand the other's proof back. */
export type ProofRole = "d" | "l";

export interface Transcript {
  sessionId: Uint8Array;
  dialler: Introduction;
  listener: Introduction;
}

export function proofOf(key: Uint8Array, role: ProofRole, transcript: Transcript): Buffer {
  return mac(key, textOf(role, transcript));
}

/** In constant time. */
export function isProof(
  key: Uint8Array,
  role: ProofRole,
  transcript: Transcript,
  shown: Uint8Array,
): boolean {
  return shown.length === Proof.MAC_SIZE && isMac(key, textOf(role, transcript), shown);
}

function textOf(role: ProofRole, { sessionId, dialler, listener }: Transcript): string {
  const bodies = [dialler, listener].map((said) => encodeIntroduction({ ...said, proof: undefined }));
  return `bowline-1 introduce${role}${[sessionId, ...bodies].map(byteString).join("")}`;
}
