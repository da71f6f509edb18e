/** Who asks: the token a request shows, and the cookie that keeps it out of the page's address. */
import type { IncomingMessage } from "node:http";
import { HttpFault } from "./fault.ts";
import { type Role, roleOf, type Token } from "./token.ts";

/** A page that is left open on a wall is not asked again for so long. */
const COOKIE_MAX_AGE_S = 30 * 86_400;

export class Access {
  constructor(private readonly tokens: readonly Token[]) {}

  /** The role a request has; null without a valid token. A header counts before the address, that before the cookie. */
  roleOf(request: IncomingMessage, url: URL): Role | null {
    const shown = shownToken(request, url);
    return shown === undefined ? null : roleOf(this.tokens, shown);
  }

  /** Throws 401 or 403 unless the request may do what needs `role`. */
  demand(role: Role, request: IncomingMessage, url: URL): void {
    const found = this.roleOf(request, url);
    if (found === null) throw unauthorized(url.pathname, shownToken(request, url) !== undefined);
    if (found === "control" || found === role) return;
    const text = `${request.method} ${url.pathname}: the token has the role read; needed: control`;
    throw new HttpFault(403, "ROLE_READ", text, { mend: "use the control token" });
  }

  /** The Set-Cookie of a token in the address, undefined if it is none of ours. */
  cookieFor(request: IncomingMessage, url: URL): string | undefined {
    const shown = url.searchParams.get("token") ?? "";
    if (roleOf(this.tokens, shown) === null) return undefined;
    return `${cookieName(request)}=${shown}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${COOKIE_MAX_AGE_S}`;
  }
}

function shownToken(request: IncomingMessage, url: URL): string | undefined {
  return bearer(request) ?? url.searchParams.get("token") ?? cookie(request);
}

function cookie(request: IncomingMessage): string | undefined {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim());
  const start = `${cookieName(request)}=`;
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
}

/** With the port: a browser shows the cookies of one host to all of its ports, and two gateways may share a host. */
const cookieName = (request: IncomingMessage) => `bowline-${request.socket.localPort}`;

/** undefined without the header; a header that is no bearer token shows "", which is nobody's. */
function bearer(request: IncomingMessage): string | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "";
}

/** `details.shown`: whether there was a token at all, for who has to say what to do now. */
function unauthorized(path: string, shown: boolean): HttpFault {
  const seen = shown ? "the token shown is none of this gateway's" : "no token";
  return new HttpFault(401, "TOKEN_NEEDED", `${path}: ${seen}; allowed: one of the gateway's tokens`, {
    mend: "open the address `bowline up` printed, or send `Authorization: Bearer TOKEN` with a token of tokens.json in the data folder",
    headers: { "www-authenticate": 'Bearer realm="bowline"' },
    details: { shown },
  });
}
