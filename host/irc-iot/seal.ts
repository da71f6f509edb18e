/** Our declared extension scheme b85U: AES-256-GCM, so that what was altered is refused and nobody else reads it. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type Fault, FaultCode } from "./fault-code.ts";

// sealed:  nonce:12  ciphertext:~  tag:16
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What is bound to the sealed bytes without being in them: they open under the same type and id alone. */
export interface Bound {
  ot: string;
  did: string;
}

/** A random nonce each time: one key may seal 2^32 Datums. */
export function seal(bytes: Uint8Array, key: Uint8Array, bound: Bound): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundBytes(bound));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

export function unseal(sealed: Uint8Array, key: Uint8Array, bound: Bound): Uint8Array | Fault {
  const end = sealed.length - TAG_BYTES;
  if (end < NONCE_BYTES)
    return fault(`${sealed.length} bytes, needed are at least ${NONCE_BYTES + TAG_BYTES}`);
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundBytes(bound));
  decipher.setAuthTag(sealed.subarray(end));
  const opened = decipher.update(sealed.subarray(NONCE_BYTES, end));
  try {
    decipher.final();
  } catch {
    return fault("altered, or sealed with another key or under another type or id");
  }
  return opened;
}

/** A zero between them: "a1" with "2" is not "a" with "12". */
function boundBytes({ ot, did }: Bound): Uint8Array {
  return Buffer.from(`${ot}\0${did}`);
}

function fault(seen: string): Fault {
  return { code: FaultCode.SEALED, reason: `sealed Datum: ${seen}` };
}
