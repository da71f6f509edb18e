/** Connects to a TCP port, with TLS where that is wanted; the connection becomes a transport. */
import { connect, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, TLSSocket } from "node:tls";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { certificateNames } from "./certificate-names.ts";
import { tcpTransport } from "./tcp-transport.ts";
import type { Transport } from "./transport.ts";

/** As long as the session's own handshake may take (session §1). */
const CONNECT_MS = 5000;

export interface DialOptions {
  host: string;
  port: number;
  tls?: {
    /** PEM; the authorities of the system when absent. */
    ca?: string;
    /** This side's own certificate, and its key. */
    cert?: string;
    key?: string;
    /** Names that the other side's certificate may have in place of the host's. */
    names: readonly string[];
  };
  /** Gives up. */
  signal: AbortSignal;
}

/** Rejects with DIAL_FAILED, in words that name where and why. */
export async function dialTcp(options: DialOptions): Promise<Transport> {
  const { host, port, signal } = options;
  const socket = options.tls === undefined ? connect(port, host) : secure(options, options.tls);
  const event = options.tls === undefined ? "connect" : "secureConnect";
  let abort = () => {};
  const failure = await new Promise<Error | null>((resolve) => {
    abort = () => resolve(new Error("given up"));
    socket.once(event, () => resolve(null));
    socket.once("error", resolve);
    socket.setTimeout(CONNECT_MS, () => resolve(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
  signal.removeEventListener("abort", abort);
  socket.setTimeout(0);
  if (failure !== null) {
    socket.on("error", () => {}); // it was told already
    socket.destroy();
    const where = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    throw new BowlineError("DIAL_FAILED", `connecting to ${where}: ${failure.message}`, ExitCode.failure);
  }
  const names = socket instanceof TLSSocket ? certificateNames(socket.getPeerCertificate()) : undefined;
  return tcpTransport(socket, names);
}

function secure(
  { host, port }: DialOptions,
  { names, ...material }: NonNullable<DialOptions["tls"]>,
): Socket {
  return connectTls({
    host,
    port,
    ...material,
    ...(isIP(host) === 0 && { servername: host }),
    minVersion: "TLSv1.2",
    checkServerIdentity: (name, certificate) => {
      const shown = certificateNames(certificate);
      return names.some((one) => shown.includes(one)) ? undefined : checkServerIdentity(name, certificate);
    },
  });
}
