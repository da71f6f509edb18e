/** What LINK of `bowline sniff` means: a board, a serial port or a socket of the gateway, by its name or a part of it. */

import { BowlineError, ExitCode } from "../../platform/errors.ts";
import type { DeviceView, LinkView, SessionView } from "../../router/views.ts";

export interface FoundLink {
  /** As people know it. */
  name: string;
  /** Of the API, below api/v1/. */
  path: string;
  /** It does not come back under this name. */
  isOnce: boolean;
}

/** What the gateway knows, and under which other names the machine knows the gateway's ports. */
export interface KnownLinks {
  devices: readonly Pick<DeviceView, "id">[];
  sessions: readonly Pick<SessionView, "id" | "device" | "via">[];
  links: readonly Pick<LinkView, "name">[];
  ports: readonly { path: string; aliases: readonly string[] }[];
}

/** A board's id and a whole name count before a part of one. LINK_UNKNOWN names what there is. */
export function findLink(text: string, known: KnownLinks): FoundLink {
  const isBoard = known.devices.some(({ id }) => id === text);
  if (isBoard) return board(text);
  const named = namedLinks(known);
  const wanted = text.replace(/…$/, "").toLowerCase();
  const whole = named.filter(({ names }) => names.some((name) => name.toLowerCase() === wanted));
  const found =
    whole.length > 0
      ? whole
      : named.filter(({ names }) => names.some((name) => name.toLowerCase().includes(wanted)));
  const distinct = [...new Map(found.map(({ link }) => [link.path, link])).values()];
  if (distinct.length === 1) return distinct[0];
  throw distinct.length === 0 ? unknown(text, known, named) : ambiguous(text, distinct);
}

interface Named {
  names: string[];
  link: FoundLink;
}

function namedLinks({ ports, links, sessions }: KnownLinks): Named[] {
  const serial = ports.map(({ path, aliases }) => ({
    names: [`serial ${path}`, path, ...aliases],
    link: byName(`serial ${path}`),
  }));
  const sockets = links
    .filter(({ name }) => !name.startsWith("serial "))
    .map(({ name }) => ({ names: [name, name.replace(/^\S+ /, "")], link: byName(name) }));
  // A session is where its board is; one without a board where its connection is.
  const owned = sessions
    .filter(({ device, via }) => device !== "" || via !== "")
    .map(({ id, device, via }) => ({ names: [id], link: device === "" ? byName(via) : board(device) }));
  return [...serial, ...sockets, ...owned];
}

function board(id: string): FoundLink {
  return { name: id, path: `devices/${encodeURIComponent(id)}/chunks`, isOnce: false };
}

function byName(name: string): FoundLink {
  return { name, path: `links/${encodeURIComponent(name)}/chunks`, isOnce: !name.startsWith("serial ") };
}

function unknown(text: string, { devices }: KnownLinks, named: Named[]): BowlineError {
  const links = named.map(({ link }) => link.name);
  const names = [...new Set([...devices.map(({ id }) => id), ...links])];
  const seen = names.length === 0 ? "none is known yet" : `known: ${names.slice(0, 10).join(", ")}`;
  const message = `looking for ${JSON.stringify(text)}: no such link or board; ${seen}`;
  return new BowlineError("LINK_UNKNOWN", message, ExitCode.notFound, "bowline devices, or bowline ports");
}

function ambiguous(text: string, found: FoundLink[]): BowlineError {
  const names = found.map(({ name }) => name).slice(0, 10);
  const message = `looking for ${JSON.stringify(text)}: it is part of ${names.join(" and of ")}; allowed: a name, or a part of one only`;
  return new BowlineError("LINK_AMBIGUOUS", message, ExitCode.usage);
}
