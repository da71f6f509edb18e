/** Whether boards on the network may be listened for at all (session part 4). */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { isLoopback } from "../platform/loopback.ts";
import type { KeyStore } from "./key-store.ts";

export interface ListenerTrust {
  host: string;
  port: number;
  insecure: boolean;
  tls?: { enabled: boolean; ca?: string | undefined } | undefined;
}

/** Beyond loopback somebody must be known who may speak; and a key that cannot be used is told at once, not at night. */
export function checkListener({ host, port, insecure, tls }: ListenerTrust, keys: KeyStore): void {
  const hasCertificates = tls?.enabled === true && tls.ca !== undefined;
  for (const { id } of keys.list()) keys.get(id);
  if (isLoopback(host) || insecure || hasCertificates || !keys.isEmpty) return;
  const text = `listening on ${host}:${port} for boards: none has a key, so nobody could speak; allowed: a loopback address, a key for a board, or tcp.tls.ca`;
  throw new BowlineError(
    "TCP_INSECURE",
    text,
    ExitCode.usage,
    "bowline key add ID; or set tcp.host to 127.0.0.1; or tcp.insecure to true, and anyone may speak",
  );
}
