/**
 * The board's key: HMAC-SHA256 from the board's own SHA-256, and what is proved with it (session part 4, D7).
 *
 * A board without SHA-256 (ESP8266, Original) cannot use a key: it speaks as if it had none, and says so in its flags.
 */
import { counterBytes, Proof, proofText, resumeText } from "../shared/proof.ts";
import type { Session } from "../shared/session/state.ts";
import { noteFaults } from "./faults.ts";

let key: Uint8Array | null = null;
/** Of this session's hello. */
let nonce = "";

/** Takes the key of bowline.json, in base64. One that cannot be used is told as a fault. */
export function useKey(text: string): void {
  "cold";
  try {
    const bytes = E.toUint8Array(atob(text));
    require("crypto").SHA256("");
    if (bytes.length === Proof.KEY_SIZE) key = bytes;
  } catch {
    key = null;
  }
  if (!key) noteFaults(["key"]);
}

export function hasKey(): boolean {
  "cold";
  return key !== null;
}

/**
 * Another nonce, in base64. The interpreter's random numbers may begin alike at every start: what differs is hashed,
 * and the key makes it unpredictable.
 */
export function drawNonce(): string {
  "cold";
  nonce = mac(nonce + [getTime(), E.hwRand(), E.hwRand(), process.memory(false).free]).substr(
    0,
    Proof.NONCE_SIZE,
  );
  return btoa(nonce);
}

/** What proves `role` in this session, in base64. */
export function proofOf(
  role: string,
  gatewayNonce: string,
  s: Session,
  id: string,
  gatewayId: string,
): string {
  "cold";
  return btoa(mac(proofText(role, atob(gatewayNonce), nonce, E.toString(s.id), id, gatewayId)));
}

/** Whether two proofs are the same, in a time that tells nothing: what is compared is their HMACs. */
export function isSame(proof: string, other: string): boolean {
  "cold";
  return mac(proof) === mac(other);
}

/** What a request for an existing session shows: its id; with a key also a counter never used before, and their proof (D7). */
export function resumeId(s: Session): Uint8Array {
  "cold";
  if (!key || s.id.length !== Proof.ID_SIZE) return s.id;
  s.resumes++;
  const id = E.toString(s.id);
  const counter = counterBytes(s.resumes);
  return E.toUint8Array(id, counter, mac(resumeText(id, counter)).substr(0, Proof.RESUME_MAC_SIZE));
}

/** HMAC-SHA256 under the key (RFC 2104): a hash of a hash, each behind the key under a pad of its own. */
function mac(text: string): string {
  "cold";
  const sha256 = require("crypto").SHA256;
  const block = new Uint8Array(64);
  let digest = text;
  for (let pad = 0x36; pad <= 0x5c; pad += 0x26) {
    block.fill(pad);
    for (let i = 0; i < Proof.KEY_SIZE; i++) block[i] = key![i] ^ pad;
    digest = E.toString(sha256(E.toString(block, digest)));
  }
  return digest;
}
