/**
 * The texts that a key proves, put under HMAC-SHA256 by both sides (session part 4, D7). They are byte strings, one
 * character a byte: the board's own form, and without a scratch.
 *
 *   proof    "bowline-1"  role:1  gatewayNonce:16  boardNonce:16  sessionId:~  boardId:~  gatewayId:~
 *   resume   "bowline-1 resume"  sessionId:16  counter:4
 */

export const enum Proof {
  /** Bytes of a key. */
  KEY_SIZE = 32,
  /** Bytes of an HMAC-SHA256. */
  MAC_SIZE = 32,
  /** Bytes of a nonce. */
  NONCE_SIZE = 16,
  /** Bytes of the session ids that can be resumed with a proof, and of the id in a request that has one. */
  ID_SIZE = 16,
  RESUME_ID_SIZE = 32,
  /** Of these: the counter, and what is kept of the HMAC. */
  COUNTER_SIZE = 4,
  RESUME_MAC_SIZE = 12,
}

/** Who proves: role "g" the gateway, "b" the board; else one could hand the other's proof back. */
export function proofText(
  role: string,
  gatewayNonce: string,
  boardNonce: string,
  sessionId: string,
  boardId: string,
  gatewayId: string,
): string {
  "cold";
  return "bowline-1" + role + gatewayNonce + boardNonce + sessionId + boardId + gatewayId;
}

export function resumeText(sessionId: string, counter: string): string {
  "cold";
  return "bowline-1 resume" + sessionId + counter;
}

/** A number below 2^32, big-endian. */
export function counterBytes(counter: number): string {
  "cold";
  return String.fromCharCode(
    (counter >>> 24) & 255,
    (counter >>> 16) & 255,
    (counter >>> 8) & 255,
    counter & 255,
  );
}
