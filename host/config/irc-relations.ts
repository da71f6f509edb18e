/** Rules of the section irc: routes and operators name what there is, and secrets do not pass in the clear. */
import { isLoopback } from "../platform/loopback.ts";
import { conflict, type Fields, fieldsOf, listOf, section } from "./irc-section.ts";
import type { Conflict } from "./relations.ts";

interface Network {
  /** Dotted, of the section it is written in. */
  place: string;
  name: unknown;
  fields: Fields;
}

export const ircRules: ((irc: unknown) => Conflict[])[] = [
  function theShortestWaitOnIrcComesFirst(irc) {
    const { retryMinMs, retryMaxMs } = section(irc);
    if (typeof retryMinMs !== "number" || typeof retryMaxMs !== "number" || retryMinMs <= retryMaxMs)
      return [];
    const text = `irc.retryMinMs: expected at most irc.retryMaxMs (${retryMaxMs}), got ${retryMinMs}`;
    return [{ settings: ["irc.retryMinMs", "irc.retryMaxMs"], text }];
  },
  function aNetworkHasAHost(irc) {
    const all = listOf(section(irc).networks);
    return all.flatMap((fields, i) =>
      fields.enabled === false || fields.host !== undefined
        ? []
        : [conflict(`irc.networks.${i}.host`, "missing; expected the name of an IRC server")],
    );
  },
  function aNetworkIsListedOnce(irc) {
    const all = networksOf(irc);
    return all.flatMap(({ place, name, fields }, i) => {
      const first = all.findIndex((other) => other.name === name);
      if (first === i) return [];
      const key = fields.name === undefined ? "host" : "name";
      return [conflict(`${place}.${key}`, `the same network as ${all[first]?.place}`)];
    });
  },
  function aChannelIsListedOnce(irc) {
    return networksOf(irc).flatMap(({ place, fields }) => {
      // In every case mapping of IRC these are one, and a server lets us into it once.
      const names = namesOf(fields.channels).map((name) => String(name).toLowerCase());
      return names.flatMap((name, i) => {
        const first = names.indexOf(name);
        return first === i
          ? []
          : [conflict(`${place}.channels.${i}`, `the same channel as ${place}.channels.${first}`)];
      });
    });
  },
  function aPasswordIsNotTold(irc) {
    return networksOf(irc).flatMap(({ place, fields }) => {
      const { tls, sasl, passwordFile, host } = fields;
      const isTold = passwordFile !== undefined || fieldsOf(sasl).passwordFile !== undefined;
      if (fieldsOf(tls).enabled !== false || !isTold || isLoopback(String(host))) return [];
      return [
        conflict(
          `${place}.tls.enabled`,
          "a password would pass in the clear; allowed: true, or a host on loopback",
        ),
      ];
    });
  },
  function aLoginIsComplete(irc) {
    return networksOf(irc).flatMap(({ place, fields }) => {
      const sasl = fieldsOf(fields.sasl);
      if (fields.sasl === undefined || sasl.enabled === false) return [];
      if (sasl.mechanism === "EXTERNAL")
        return fieldsOf(fields.tls).cert === undefined
          ? [
              conflict(
                `${place}.sasl.mechanism`,
                "EXTERNAL logs in with tls.cert and tls.key, which are missing",
              ),
            ]
          : [];
      return ["user", "passwordFile"]
        .filter((key) => sasl[key] === undefined)
        .map((key) => conflict(`${place}.sasl.${key}`, "missing; PLAIN needs user and passwordFile"));
    });
  },
  function aCertificateOnIrcHasItsKey(irc) {
    return networksOf(irc).flatMap(({ place, fields }) => {
      const { cert, key } = fieldsOf(fields.tls);
      if ((cert === undefined) === (key === undefined)) return [];
      return [
        conflict(
          `${place}.tls`,
          `${cert === undefined ? "cert" : "key"} is missing; a certificate needs its key`,
        ),
      ];
    });
  },
  function aRouteLeadsSomewhere(irc) {
    return listOf(section(irc).routes).flatMap((route, i) =>
      route.enabled === false ? [] : checkTarget(`irc.routes.${i}`, route, networksOf(irc)),
    );
  },
  function theAuditHasAChannel(irc) {
    const { auditChannel } = section(irc);
    const first = networksOf(irc)[0];
    if (auditChannel === undefined || first === undefined) return [];
    const known = namesOf(first.fields.channels);
    return known.includes(auditChannel)
      ? []
      : [
          conflict(
            "irc.auditChannel",
            `${auditChannel} is none of ${first.place}.channels; ${allowed(known)}`,
          ),
        ];
  },
  function anOperatorIsProvedInOneWay(irc) {
    const known = networksOf(irc).map(({ name }) => name);
    return listOf(section(irc).operators).flatMap((operator, i) => {
      const place = `irc.operators.${i}`;
      const ways = ["account", "certfp", "key"].filter((key) => operator[key] !== undefined);
      const wrong =
        ways.length === 1
          ? []
          : [
              conflict(
                place,
                `expected exactly one of account, certfp and key, got ${ways.join(", ") || "none"}`,
              ),
            ];
      if (operator.network === undefined || known.includes(operator.network)) return wrong;
      return [...wrong, conflict(`${place}.network`, `${operator.network} is no network; ${allowed(known)}`)];
    });
  },
  function anOperatorIsListedOnce(irc) {
    const names = listOf(section(irc).operators).map(({ name }) => name);
    return names.flatMap((name, i) => {
      const first = names.indexOf(name);
      return first === i
        ? []
        : [conflict(`irc.operators.${i}.name`, `the same name as irc.operators.${first}`)];
    });
  },
];

function checkTarget(place: string, route: Fields, networks: Network[]): Conflict[] {
  const { channel, nick, network, waitFor, sayAgainS } = route;
  if (typeof sayAgainS === "number" && sayAgainS > 0 && listLength(waitFor) === 0)
    return [conflict(`${place}.sayAgainS`, "needs somebody to wait for: waitFor")];
  if ((channel === undefined) === (nick === undefined))
    return [
      conflict(
        place,
        `expected exactly one of channel and nick, got ${channel === undefined ? "none" : "both"}`,
      ),
    ];
  const found = network === undefined ? networks[0] : networks.find(({ name }) => name === network);
  if (found === undefined) {
    const names = networks.map(({ name }) => name);
    return network === undefined
      ? []
      : [conflict(`${place}.network`, `${network} is no network; ${allowed(names)}`)];
  }
  if (channel === undefined)
    return listLength(waitFor) === 0 ? [] : [conflict(`${place}.waitFor`, "is for routes to a channel")];
  const known = namesOf(found.fields.channels);
  return known.includes(channel)
    ? []
    : [conflict(`${place}.channel`, `${channel} is none of ${found.place}.channels; ${allowed(known)}`)];
}

/** The section itself when it has a host, then those of its list; none while it is disabled. */
function networksOf(irc: unknown): Network[] {
  const top = section(irc);
  if (top.enabled === false) return [];
  const listed = listOf(top.networks)
    .map((fields, i) => ({ place: `irc.networks.${i}`, fields }))
    .filter(({ fields }) => fields.enabled !== false && fields.host !== undefined);
  const all = top.host === undefined ? listed : [{ place: "irc", fields: top }, ...listed];
  return all.map(({ place, fields }) => ({ place, fields, name: fields.name ?? fields.host }));
}

const namesOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const listLength = (value: unknown) => (Array.isArray(value) ? value.length : 0);

const allowed = (names: unknown[]) => `allowed: ${names.join(", ") || "none is listed"}`;
