/** Whether anybody on the network may be listened for at all (session part 4). */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { isLoopback } from "../platform/loopback.ts";
import type { KeyStore } from "./key-store.ts";

export interface ListenerTrust {
  host: string;
  port: number;
  insecure: boolean;
  tls?: { enabled: boolean; ca?: string | undefined } | undefined;
}

/** Who is listened for, and how the text of a refusal calls what. */
export interface Listened {
  /** `tcp`, `peers.listen`: the section of the settings. */
  section: string;
  code: string;
  whom: string;
  /** The command that gives one of them a key. */
  mend: string;
}

export const boards: Listened = {
  section: "tcp",
  code: "TCP_INSECURE",
  whom: "boards",
  mend: "bowline key add ID",
};
export const gateways: Listened = {
  section: "peers.listen",
  code: "PEERS_INSECURE",
  whom: "gateways",
  mend: "bowline key add ID --peer",
};

/** Beyond loopback somebody must be known who may speak; and a key that cannot be used is told at once, not at night. */
export function checkListener(
  { host, port, insecure, tls }: ListenerTrust,
  keys: KeyStore,
  { section, code, whom, mend }: Listened,
): void {
  const hasCertificates = tls?.enabled === true && tls.ca !== undefined;
  for (const { id } of keys.list()) keys.get(id);
  if (isLoopback(host) || insecure || hasCertificates || !keys.isEmpty) return;
  const one = whom.slice(0, -1);
  const text = `listening on ${host}:${port} for ${whom}: none has a key, so nobody could speak; allowed: a loopback address, a key for a ${one}, or ${section}.tls.ca`;
  const others = `set ${section}.host to 127.0.0.1; or ${section}.insecure to true, and anyone may speak`;
  throw new BowlineError(code, text, ExitCode.usage, `${mend}; or ${others}`);
}
