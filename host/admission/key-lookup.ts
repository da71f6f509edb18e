/** What the keys say of who introduces himself; keys that cannot be read admit nobody, and why is told with the refusal. */
import { BowlineError } from "../platform/errors.ts";
import type { KeyStore } from "./key-store.ts";

export interface NetworkTrust {
  /** Anyone may speak, because the configuration says so in so many words. */
  readonly isInsecure: boolean;
  /** Nobody but this machine can connect. */
  readonly isLoopback: boolean;
}

export function findKey(keys: Pick<KeyStore, "get">, id: string): { key?: Buffer; fault?: string } {
  try {
    return { key: keys.get(id) };
  } catch (error) {
    return { fault: keyFault(error) };
  }
}

/** Whether who has no key may speak; `fault`: nobody can tell. */
export function opennessOf(
  { isInsecure, isLoopback }: NetworkTrust,
  keys: Pick<KeyStore, "isEmpty">,
): { isOpen: boolean; fault?: string } {
  if (isInsecure || !isLoopback) return { isOpen: isInsecure };
  try {
    return { isOpen: keys.isEmpty };
  } catch (error) {
    return { isOpen: false, fault: keyFault(error) };
  }
}

/** In one line, as the reason of a refusal is written. */
export function keyFault(error: unknown): string {
  if (!(error instanceof BowlineError)) return (error as Error).message;
  const { message, code, mend } = error;
  return `${message} [${code}]${mend === "" ? "" : `; mend: ${mend}`}`;
}
