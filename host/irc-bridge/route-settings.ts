/** Routes and networks of the configuration, complete: what is left out is what it stands for. */
import { createHash } from "node:crypto";
import type { IrcConfig, IrcNetworkConfig, IrcRouteConfig } from "../config/schema.ts";
import type { Profile } from "../irc-iot/participant-types.ts";

export interface NetworkSettings extends Omit<IrcNetworkConfig, "name" | "host" | "nick" | "enabled"> {
  /** Where it is written: irc, irc.networks.0 */
  place: string;
  name: string;
  host: string;
  nick: string;
}

export interface RouteSettings {
  /** What its cursor is kept under: another target, or other boards or types, is another route; so is a second one of the same. */
  id: string;
  network: string;
  target: string;
  isChannel: boolean;
  devices: readonly string[];
  types: readonly string[];
  fields: readonly string[];
  detail: "full" | "brief" | "words";
  everyS: number;
  onChange: boolean;
  maxAgeS: number;
  waitFor: readonly string[];
  sayAgainS: number;
  profile: Profile;
  /** As the participant has it when absent. */
  scheme?: string;
}

const LONGEST_NICK = 15;

/** The section itself when it has a host, then those of its list. */
export function networksOf(irc: IrcConfig, gatewayId: string): NetworkSettings[] {
  if (!irc.enabled) return [];
  const written = irc.networks.map((network, i) => ({ ...network, place: `irc.networks.${i}` }));
  return [{ ...irc, place: "irc" }, ...written].flatMap(({ host, name, nick, enabled, ...rest }) =>
    host === undefined || !enabled
      ? []
      : [{ ...rest, host, name: name ?? host, nick: nick ?? nickOf(gatewayId) }],
  );
}

/** Those of the networks there are. */
export function routesOf(irc: IrcConfig, networks: readonly NetworkSettings[]): RouteSettings[] {
  const listed = new Map<string, number>();
  return irc.routes.flatMap((route) => {
    const network = route.network ?? networks[0]?.name;
    const target = route.channel ?? route.nick;
    if (!route.enabled || network === undefined || target === undefined) return [];
    const known = JSON.stringify([network, target, route.devices, route.types]);
    const before = listed.get(known) ?? 0;
    listed.set(known, before + 1);
    return [settled(route, network, target, before === 0 ? known : `${known} ${before}`)];
  });
}

function settled(route: IrcRouteConfig, network: string, target: string, known: string): RouteSettings {
  const { devices, types, fields, detail, everyS, onChange, maxAgeS, waitFor, sayAgainS, profile, scheme } =
    route;
  const id = createHash("sha256").update(known).digest("hex").slice(0, 16);
  const isChannel = route.channel !== undefined;
  return {
    id,
    network,
    target,
    isChannel,
    devices,
    types,
    fields,
    detail,
    everyS,
    onChange,
    maxAgeS,
    waitFor,
    sayAgainS,
    profile,
    ...(scheme !== undefined && { scheme }),
  };
}

/** Of a gateway's id, what may stand in a nick. */
function nickOf(id: string): string {
  const nick = id.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, LONGEST_NICK);
  return /^[A-Za-z_]/.test(nick) ? nick : `gw-${nick}`.slice(0, LONGEST_NICK);
}
