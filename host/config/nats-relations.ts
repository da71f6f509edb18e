/** Rules that join two settings of the section nats. */
import type { Conflict } from "./relations.ts";

interface RelatedNats {
  enabled?: unknown;
  servers?: unknown;
  create?: { enabled?: unknown } | null;
  user?: unknown;
  passwordFile?: unknown;
  tls?: { cert?: unknown; key?: unknown };
  [proof: string]: unknown;
}

/** Each says by itself who this gateway is. */
const proofs = ["user", "tokenFile", "credsFile", "nkeyFile"] as const;

export const natsRules: ((nats: unknown) => Conflict[])[] = [
  function aUserHasAPassword(nats) {
    const { user, passwordFile } = related(nats);
    if ((user === undefined) === (passwordFile === undefined)) return [];
    const [there, missing] = user === undefined ? ["passwordFile", "user"] : ["user", "passwordFile"];
    return [
      { settings: [`nats.${there}`], text: `nats.${there}: nats.${missing} is missing; they go together` },
    ];
  },
  function oneSaysWhoThisIs(nats) {
    const all = related(nats);
    const [first, second] = proofs.filter((name) => all[name] !== undefined);
    if (second === undefined) return [];
    const settings = [`nats.${second}`, `nats.${first}`];
    return [{ settings, text: `nats.${second}: nats.${first} is set as well; allowed: one of them` }];
  },
  function whatIsWantedOfAStreamHasServers(nats) {
    const { enabled, servers, create, ...all } = related(nats);
    if (enabled === false || !Array.isArray(servers) || servers.length > 0) return [];
    const proof = proofs.find((name) => all[name] !== undefined);
    const setting = create?.enabled === true ? "create.enabled" : proof;
    if (setting === undefined) return [];
    const text = `nats.${setting}: nats.servers is missing; without servers messages are handed to no stream`;
    return [{ settings: [`nats.${setting}`], text }];
  },
  function aCertificateHasItsKey(nats) {
    const { cert, key } = related(nats).tls ?? {};
    if ((cert === undefined) === (key === undefined)) return [];
    const missing = cert === undefined ? "cert" : "key";
    return [{ settings: ["nats.tls"], text: `nats.tls: ${missing} is missing; a certificate needs its key` }];
  },
];

const related = (nats: unknown) => (nats ?? {}) as RelatedNats;
