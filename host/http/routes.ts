/** The table of what the server answers, and finding a request's row in it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { HttpFault } from "./fault.ts";
import type { Role } from "./token.ts";

/** One request on its way to an answer. */
export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** What stood for ID in the path, "" where it has none. */
  id: string;
}

export interface Route {
  method: "GET" | "POST" | "DELETE";
  /** Segments; ID stands for any one. */
  path: string;
  /** Who may; null: anyone, the files of the page; "probe": anyone, under any name of ours. */
  role: Role | null | "probe";
  /** Parameters it reads of the address, beside `token`; any other is refused. Files and probes take all. */
  query?: readonly string[];
  /** The JSON of a 200, or undefined when it has answered by itself. */
  answer(call: Call): unknown;
  /** Somebody asked who may not, with this role. `why`: what they are told. */
  refused?(call: Call, role: Role | null, why: string): void;
}

export interface Match {
  route: Route;
  id: string;
}

/** Throws 404 naming all paths, or 405 naming the methods of this one. HEAD goes where GET goes. */
export function findRoute(routes: readonly Route[], method: string, path: string): Match {
  const exact = routes.flatMap((route) => matchPath(route, path));
  const matches = exact.length > 0 ? exact : routes.flatMap((route) => matchPath(route, withAddress(path)));
  if (matches.length === 0) throw noSuchPath(routes, path);
  const found = matches.find(({ route }) => route.method === (method === "HEAD" ? "GET" : method));
  if (found === undefined) throw wrongMethod(matches, method, path);
  return found;
}

/** A board behind another gateway, devices/gw2/sim-1, as the one segment it stands for. */
function withAddress(path: string): string {
  return path.replace(/^(\/api\/v1\/devices\/[^/]+)\/([^/]+)(?=\/|$)/, "$1%2F$2");
}

function matchPath(route: Route, path: string): Match[] {
  const wanted = route.path.split("/");
  const seen = path.split("/");
  if (wanted.length !== seen.length) return [];
  if (!wanted.every((segment, i) => segment === "ID" || segment === seen[i])) return [];
  const at = wanted.indexOf("ID");
  return at < 0 ? [{ route, id: "" }] : [{ route, id: decode(seen[at]) }];
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpFault(400, "PATH_INVALID", `reading the path: ${segment} is not percent-encoded UTF-8`);
  }
}

function noSuchPath(routes: readonly Route[], path: string): HttpFault {
  const paths = routes.map((route) => `${route.method} ${route.path}`);
  const text = `${path}: no such path; there are: ${paths.join(", ")}`;
  return new HttpFault(404, "PATH_UNKNOWN", text, { details: { paths } });
}

function wrongMethod(matches: Match[], method: string, path: string): HttpFault {
  const allowed = matches.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
  const allow = allowed.join(", ");
  return new HttpFault(405, "METHOD_UNKNOWN", `${method} ${path}: allowed: ${allow}`, { headers: { allow } });
}
