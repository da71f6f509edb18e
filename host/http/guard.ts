/** Keeps other web sites out: a browser may be led here by a name that is not ours, or by a page that is not ours. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { HttpFault } from "./fault.ts";

/**
 * Throws 403 unless the request was made to a name of this gateway (DNS rebinding) and, if a page made it, by its own
 * page (cross-site requests). `configured` is http.host.
 */
export function checkSite(request: IncomingMessage, configured: string): void {
  const { host = "", origin } = request.headers;
  const name = nameOf(host);
  if (!isOurs(name, configured.toLowerCase())) {
    const text = `answering for the host ${JSON.stringify(host)}: not a name of this gateway; allowed: localhost, 127.0.0.1, [::1], ${configured}`;
    throw new HttpFault(403, "HOST_REFUSED", text, { mend: "set http.host to the name in use" });
  }
  if (origin === undefined || origin.toLowerCase() === `http://${host.toLowerCase()}`) return;
  const text = `answering a page of ${JSON.stringify(origin)}: not the gateway's own; allowed: http://${host}`;
  throw new HttpFault(403, "ORIGIN_REFUSED", text, { mend: "make the request from a program instead" });
}

/** "127.0.0.1:9080" -> "127.0.0.1", "[::1]:9080" -> "::1", "" for what is no host. */
function nameOf(host: string): string {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2] ?? "").toLowerCase();
}

function isOurs(name: string, configured: string): boolean {
  if (isLoopback(name) || name === configured) return true;
  return isEveryAddress(configured) && (isIP(name) !== 0 || isMachine(name));
}

/** A name or an address that only this machine reaches. */
export function isLoopback(name: string): boolean {
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** A gateway on all addresses is reached by any of them; an address, unlike a name, cannot be bent to point here. */
const isEveryAddress = (configured: string) => configured === "0.0.0.0" || configured === "::";

function isMachine(name: string): boolean {
  const machine = hostname().toLowerCase();
  return name === machine || name === `${machine}.local`;
}
