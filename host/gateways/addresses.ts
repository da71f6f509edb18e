/** Where another gateway may be reached, and on what terms. */
import type { PeerConfig } from "../config/schema.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { isLoopback } from "../platform/loopback.ts";
import { dialTcp } from "../transports/dial-tcp.ts";
import { readClientTls } from "../transports/tls-files.ts";
import type { Address } from "./dialler.ts";

/** `host` first, then each of `addresses`: host, host:port, or [v6]:port. */
function addressesOf(config: PeerConfig): { host: string; port: number }[] {
  const first = config.host === undefined ? [] : [{ host: config.host, port: config.port }];
  return [...first, ...config.addresses.map((text) => parseAddress(text, config.port))];
}

/** A port that is none stays part of the name, which then is nobody's. */
export function parseAddress(text: string, defaultPort: number): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (match === null || port < 1 || port > 65_535) return { host: text, port: defaultPort };
  return { host: match[1] ?? match[2] ?? text, port };
}

/** Ways to connect to it; each refuses with PEER_INSECURE where nothing would say who answers. */
export function dialsOf(config: PeerConfig, place: string, hasKey: () => boolean): Address[] {
  return addressesOf(config).map(({ host, port }) => (signal) => {
    const { tls } = config;
    const isTls = tls?.enabled === true;
    if (!isLoopback(host) && !isTls && !config.insecure && !hasKey()) throw insecure(config, host);
    const names = [config.id, ...(config.name === undefined ? [] : [config.name])];
    const material = isTls ? { tls: { ...readClientTls(tls, `${place}.tls`), names } } : {};
    return dialTcp({ host, port, signal, ...material });
  });
}

function insecure({ id }: PeerConfig, host: string): BowlineError {
  const text = `connecting to gateway ${id} at ${host}: there is no key for it, so anyone could answer; allowed: a key, or peers.connect[].tls`;
  return new BowlineError("PEER_INSECURE", text, ExitCode.usage, `bowline key add ${id} --peer`);
}
