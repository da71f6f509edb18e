/** Rules that join two settings; a rule holds over parts that are wrong in themselves without adding to the noise. */
import type { z } from "zod";
import { ircCodingRules } from "./irc-coding-relations.ts";
import { ircRules } from "./irc-relations.ts";
import { moniqueRules } from "./monique-relations.ts";
import { natsRules } from "./nats-relations.ts";

interface Port {
  enabled?: boolean;
  path?: string;
  syncIntervalMaxMs?: number;
}

/** What the rules look at. Anything may be missing or of another type: every comparison with it is then false. */
interface Related {
  session?: { syncIntervalMinMs?: number; syncIntervalMaxMs?: number; maxPacketBytes?: number };
  store?: { maxBytes?: number };
  history?: { rawS?: number; minuteS?: number; keepS?: number };
  serial?: Port[];
  gateway?: { hostId?: string };
  peers?: Peers;
  irc?: unknown;
  monique?: unknown;
  webhooks?: unknown;
  nats?: unknown;
  mqtt?: Mqtt | null;
}

interface Mqtt {
  enabled?: unknown;
  clientId?: unknown;
  requests?: unknown;
  homeAssistant?: { enabled?: unknown } | null;
  url?: unknown;
  user?: unknown;
  passwordFile?: unknown;
  tls?: { ca?: unknown; cert?: unknown; key?: unknown } | null;
}

interface Peers {
  retryMinMs?: number;
  retryMaxMs?: number;
  connect?: unknown;
  routes?: unknown;
}

/** Two settings that do not fit; the fault is shown at whichever of `settings` was written last. */
export interface Conflict {
  settings: string[];
  text: string;
}

/** Adds an issue for each broken rule; `params.settings` names the settings concerned, dotted. */
export function checkRelations(value: unknown, context: z.core.$RefinementCtx): void {
  const config = (value ?? {}) as Related;
  for (const { settings, text } of rules.flatMap((rule) => rule(config))) {
    context.addIssue({ code: "custom", path: settings[0].split("."), message: text, params: { settings } });
  }
}

const rules: ((config: Related) => Conflict[])[] = [
  function theShortestHeartbeatComesFirst({ session }) {
    return atMost("session.syncIntervalMinMs", session?.syncIntervalMinMs, [
      "session.syncIntervalMaxMs",
      session?.syncIntervalMaxMs,
    ]);
  },
  function theShortestWaitComesFirst({ peers }) {
    return atMost("peers.retryMinMs", peers?.retryMinMs, ["peers.retryMaxMs", peers?.retryMaxMs]);
  },
  function theStoreHoldsAPacket({ session, store }) {
    return atMost("session.maxPacketBytes", session?.maxPacketBytes, ["store.maxBytes", store?.maxBytes]);
  },
  function whatIsThinnedIsStillKept({ history }) {
    return [
      ...atMost("history.rawS", history?.rawS, ["history.minuteS", history?.minuteS]),
      ...atMost("history.minuteS", history?.minuteS, ["history.keepS", history?.keepS]),
    ];
  },
  function cablesKeepTheSessionsMinimum({ session, serial }) {
    return ports(serial).flatMap((port, i) =>
      atMost("session.syncIntervalMinMs", session?.syncIntervalMinMs, [
        `serial.${i}.syncIntervalMaxMs`,
        port?.syncIntervalMaxMs,
      ]),
    );
  },
  function aPortIsListedOnce({ serial }) {
    const active = ports(serial).map((port) => (port?.enabled === true ? port.path : undefined));
    return active.flatMap((path, i) => {
      const first = active.indexOf(path);
      if (typeof path !== "string" || first === i) return [];
      return [{ settings: [`serial.${i}.path`], text: `serial.${i}.path: the same port as serial.${first}` }];
    });
  },
  function aGatewayIsListedOnce({ peers }) {
    return [
      ...twice(listed(peers?.connect, "connect", "id"), "id", "the same gateway"),
      ...twice(
        [...names(peers?.connect, "connect"), ...names(peers?.routes, "routes")],
        "name",
        "the same name",
      ),
      ...twice(listed(peers?.routes, "routes", "to"), "to", "the same gateway"),
    ];
  },
  function aNumberNamesNoOtherGateway({ peers }) {
    const of = (entries: unknown, list: "connect" | "routes", id: string) => {
      const ids = new Map(listed(entries, list, id).map(({ place, value }) => [place, value]));
      return { ids, names: names(entries, list).filter(({ place, value }) => ids.get(place) !== value) };
    };
    const all = [of(peers?.connect, "connect", "id"), of(peers?.routes, "routes", "to")];
    const known = new Set(all.flatMap(({ ids }) => [...ids.values()]));
    return all
      .flatMap((one) => one.names)
      .filter(({ value }) => known.has(value))
      .map(({ place, value }) => ({
        settings: [`${place}.name`],
        text: `${place}.name: ${value} is the host number of another gateway`,
      }));
  },
  function noGatewayIsItsOwnPeer({ gateway, peers }) {
    const others: [Listed, string][] = [
      [listed(peers?.connect, "connect", "id"), "id"],
      [listed(peers?.routes, "routes", "to"), "to"],
    ];
    return others.flatMap(([all, key]) =>
      all
        .filter(({ value }) => value === gateway?.hostId)
        .map(({ place }) => ({
          settings: [`${place}.${key}`, "gateway.hostId"],
          text: `${place}.${key}: is this gateway itself (gateway.hostId)`,
        })),
    );
  },
  function aRouteLeadsThroughAPeer({ peers }) {
    const known = listed(peers?.connect, "connect", "id").map(({ value }) => value);
    const through = listed(peers?.routes, "routes", "via");
    const beyond = listed(peers?.routes, "routes", "to");
    return [
      ...through
        .filter(({ value }) => !known.includes(value))
        .map(({ place, value }) => ({
          settings: [`${place}.via`],
          text: `${place}.via: ${value} is none of peers.connect; allowed: ${known.join(", ") || "none is listed"}`,
        })),
      ...beyond
        .filter(({ value }) => known.includes(value))
        .map(({ place, value }) => ({
          settings: [`${place}.to`],
          text: `${place}.to: ${value} is one of peers.connect, and needs no route`,
        })),
    ];
  },
  function aCertificateHasItsKey({ peers }) {
    const all: unknown[] = Array.isArray(peers?.connect) ? peers.connect : [];
    return all.flatMap((entry, i) => {
      const { cert, key } = ((entry as { tls?: object } | null)?.tls ?? {}) as {
        cert?: string;
        key?: string;
      };
      if ((cert === undefined) === (key === undefined)) return [];
      const missing = cert === undefined ? "cert" : "key";
      const place = `peers.connect.${i}.tls`;
      return [{ settings: [place], text: `${place}: ${missing} is missing; a certificate needs its key` }];
    });
  },
  function aBrokersTlsFits({ mqtt }) {
    const { url, tls } = mqtt ?? {};
    const { cert, key } = tls ?? {};
    const named = (["ca", "cert", "key"] as const).filter((name) => typeof tls?.[name] === "string");
    const isPlain = typeof url === "string" && /^(mqtt|ws):/.test(url);
    return [
      ...(isPlain && named.length > 0
        ? [
            {
              settings: [`mqtt.tls.${named[0]}`, "mqtt.url"],
              text: `mqtt.tls.${named[0]}: is for TLS, and mqtt.url has none; write ${url.replace(/^(mqtt|ws):/, "$1s:")}`,
            },
          ]
        : []),
      ...((typeof cert === "string") === (typeof key === "string")
        ? []
        : [
            {
              settings: ["mqtt.tls"],
              text: `mqtt.tls: ${typeof cert === "string" ? "key" : "cert"} is missing; a certificate needs its key`,
            },
          ]),
    ];
  },
  function whatIsWantedOfABrokerHasOne({ mqtt }) {
    if (mqtt?.enabled === false || mqtt?.url !== undefined) return [];
    const { user, clientId, requests, homeAssistant } = mqtt ?? {};
    const wanted = {
      ...{ "mqtt.user": user !== undefined, "mqtt.clientId": clientId !== undefined },
      ...{ "mqtt.requests": requests === true, "mqtt.homeAssistant": homeAssistant?.enabled === true },
    };
    return Object.entries(wanted)
      .filter(([, isWanted]) => isWanted)
      .slice(0, 1)
      .map(([setting]) => ({
        settings: [setting],
        text: `${setting}: mqtt.url is missing; without it there is no MQTT`,
      }));
  },
  function aBrokersPasswordIsSomebodys({ mqtt }) {
    if (typeof mqtt?.passwordFile !== "string" || mqtt.user !== undefined) return [];
    return [{ settings: ["mqtt.passwordFile"], text: "mqtt.passwordFile: is a password without mqtt.user" }];
  },
  function aWebhookIsListedOnce({ webhooks }) {
    return twice(valuesOf(webhooks, "webhooks", "name"), "name", "the same name");
  },
  ...[...ircRules, ...ircCodingRules].map((rule) => (config: Related) => rule(config.irc)),
  ...moniqueRules.map((rule) => (config: Related) => rule(config.monique)),
  ...natsRules.map((rule) => (config: Related) => rule(config.nats)),
];

type Listed = { place: string; value: unknown }[];

/** Each value of `key` in the entries of a list under peers that are not disabled. */
const listed = (entries: unknown, list: "connect" | "routes", key: string) =>
  valuesOf(entries, `peers.${list}`, key);

/** The same in the list at `place`. */
function valuesOf(entries: unknown, place: string, key: string): Listed {
  const all: unknown[] = Array.isArray(entries) ? entries : [];
  return all.flatMap((entry, i) => {
    const { enabled, [key]: value } = (entry ?? {}) as Record<string, unknown>;
    if (enabled === false || typeof value !== "string") return [];
    return [{ place: `${place}.${i}`, value }];
  });
}

const names = (entries: unknown, list: "connect" | "routes") => listed(entries, list, "name");

function twice(all: Listed, key: string, what: string): Conflict[] {
  return all.flatMap(({ place, value }, i) => {
    const first = all.findIndex((other) => other.value === value);
    if (first === i) return [];
    return [{ settings: [`${place}.${key}`], text: `${place}.${key}: ${what} as ${all[first]?.place}` }];
  });
}

const ports = (serial: unknown): (Port | null)[] => (Array.isArray(serial) ? serial : []);

function atMost(low: string, lowValue: unknown, [high, highValue]: [string, unknown]): Conflict[] {
  if (typeof lowValue !== "number" || typeof highValue !== "number" || lowValue <= highValue) return [];
  return [
    { settings: [low, high], text: `${low}: expected at most ${high} (${highValue}), got ${lowValue}` },
  ];
}
