/**
 * The ciphers of the reference (PyIRCIoT), to be read alone: neither can tell whether what it opened was altered, so nothing
 * of ours is ever written with them.
 */
import { constants, createDecipheriv, type KeyLike, privateDecrypt } from "node:crypto";
import { type Fault, FaultCode } from "./fault-code.ts";

// AES blob:  ciphertext:~  iv:16  padCount:1     padCount 16: the last block is full
const AES = "aes-256-cbc";
const BLOCK_BYTES = 16;
/** RSA-2048: each chunk of the text is one block. */
const RSA_BLOCK_BYTES = 256;
/** Blocks of the longest text that may be encoded: a private key's work, ms each. */
const MOST_RSA_BLOCKS = 64;

/** AES-256-CBC, padded by a count and random bytes, not as PKCS#7 has it. */
export function openAes(blob: Uint8Array, key: Uint8Array): Uint8Array | Fault {
  const end = blob.length - BLOCK_BYTES - 1;
  const padCount = blob[blob.length - 1];
  if (end < 0 || end % BLOCK_BYTES !== 0 || padCount > BLOCK_BYTES)
    return fault("AES", `${blob.length} bytes with a pad count of ${padCount}`);
  const decipher = createDecipheriv(AES, key, blob.subarray(end, end + BLOCK_BYTES)).setAutoPadding(false);
  const text = Buffer.concat([decipher.update(blob.subarray(0, end)), decipher.final()]);
  const pad = padCount === BLOCK_BYTES ? 0 : padCount;
  return pad > text.length ? fault("AES", "more padding than text") : text.subarray(0, text.length - pad);
}

/** RSA-2048 with OAEP and SHA-1, block by block; an empty last block says that the one before it was full. */
export function openRsa(blocks: Uint8Array, key: KeyLike): Uint8Array | Fault {
  const count = blocks.length / RSA_BLOCK_BYTES;
  if (!Number.isInteger(count) || count === 0 || count > MOST_RSA_BLOCKS)
    return fault(
      "RSA",
      `${blocks.length} bytes, allowed are up to ${MOST_RSA_BLOCKS} blocks of ${RSA_BLOCK_BYTES}`,
    );
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const parts: Uint8Array[] = [];
  try {
    for (let i = 0; i < blocks.length; i += RSA_BLOCK_BYTES)
      parts.push(
        privateDecrypt({ key, padding, oaepHash: "sha1" } as never, blocks.subarray(i, i + RSA_BLOCK_BYTES)),
      );
  } catch {
    return fault("RSA", "a block that this key does not open");
  }
  return Buffer.concat(parts);
}

function fault(cipher: string, seen: string): Fault {
  return { code: FaultCode.KEY, reason: `${cipher}: ${seen}` };
}
