/** An IRC-IoT message in words: what it is, who tells what to whom, and what is wrong with it. */
import type { Datum } from "../../irc-iot/datum.ts";
import type { Fault } from "../../irc-iot/fault-code.ts";
import type { Container, Fragment, LostRequest } from "../../irc-iot/message.ts";
import type { Registry } from "../../irc-iot/registry.ts";
import { sayMessage } from "../../irc-iot/say.ts";
import { standardTypes } from "../../irc-iot/standard-types.ts";
import { isLocal } from "../../irc-iot/type-description.ts";
import { validate } from "../../irc-iot/validate.ts";
import { printable } from "../output/display.ts";
import type { SignatureState } from "./signatures.ts";

/** One thing that is told of a message. */
export interface Told {
  what: string;
  text: string;
}

/** A terminal's line has no end; what is longer than any Datum that a line of IRC carries is cut. */
const MAX_BYTES = 4096;

const tell = (what: string, text: string): Told => ({ what, text: printable(text) });

/** What the Container itself says: how it is named and checked, and the services in it. */
export function containerWords(container: Container, signature?: SignatureState): Told[] {
  const { mid, checksum, ttl, faults } = container;
  const checks = { none: "no checksum", right: "its checksum is right", wrong: "its checksum is wrong" };
  const hops = ttl === undefined ? "" : `, ${ttl} hops to go`;
  const head =
    mid === ""
      ? []
      : [tell("container", `${midWords(mid)}${signatureWords(signature)}; ${checks[checksum]}${hops}`)];
  return [...head, ...serviceWords(container), ...faults.map(faultWords)];
}

export function faultWords({ code, reason }: Fault): Told {
  return tell("fault", `${code} ${reason}`);
}

/** `l:led from me@phone to sim-1@kitchen: on` */
export function datumLine(datum: Datum, registry: Registry): string {
  const facts = sayMessage(datum, { registry, maxBytes: MAX_BYTES });
  return printable(
    `${datum.ot} from ${from(datum.src)} to ${to(datum.dst)}${facts === "" ? "" : `: ${facts}`}`,
  );
}

/** A Datum, what its type is, and where it is not as that says. */
export function datumWords(datum: Datum, registry: Registry): Told[] {
  const role = datum.err === undefined ? registry.describeDatum(datum)?.role : "error";
  const differences = validate(datum, registry);
  return [
    { what: role ?? "datum", text: datumLine(datum, registry) },
    tell("type", typeWords(datum, registry)),
    ...stampWords(datum),
    ...differences.map(({ field, reason }) => tell("differs", `${field} ${reason}`)),
  ];
}

/** When its sender took it, and its number among what the sender has. */
function stampWords({ t, n }: Datum): Told[] {
  const time = t === undefined ? [] : [`at ${String(t)}`];
  const number = n === undefined ? [] : [`number ${String(n)} of its sender`];
  return time.length + number.length === 0 ? [] : [tell("stamp", [...time, ...number].join(", "))];
}

/** `characters 0 to 350 of 973 of Datum 100, l:x, in b85z`: its place in the text that is encoded. */
export function fragmentWords({ did, ot, bc, bp, ed, em }: Fragment, assumed: string): Told {
  const scheme = em === undefined ? `${assumed}, which it does not say itself` : em;
  const part = `characters ${bp} to ${bp + ed.length} of ${bc} of Datum ${did}, ${ot}`;
  return tell("fragment", `${part}, encoded as ${scheme}`);
}

export function typeWords(datum: Datum, registry: Registry): string {
  const { ot, src, dst } = datum;
  const described = registry.describeDatum(datum);
  if (described === undefined)
    return isLocal(ot)
      ? `${ot} is a type of ${from(src)} alone, which has not described it here (irc.types)`
      : `${ot} is not in the global dictionary`;
  const { type, role } = described;
  const meaning = type.meaning === "" ? "" : ` ${type.meaning}`;
  if (!isLocal(ot)) return `${ot}${meaning}; of the global dictionary`;
  const owner = from(role === "request" ? dst : src);
  const how = standardTypes.includes(type) ? ", told as Bowline's firmware has it" : "";
  return `${ot}${meaning}; a type of ${owner} alone${how}`;
}

function midWords(mid: string): string {
  if (/^\d+$/.test(mid)) return `${mid}, not signed`;
  const methods: Record<string, string> = { ed: "Ed25519", rA: "RSA", gT: "GOST", us: "a method of its own" };
  const method = mid.length > 64 ? methods[mid.slice(0, 2)] : undefined;
  return method === undefined ? `${mid}, not signed` : `signed with ${method}, ${mid.slice(0, 12)}…`;
}

function signatureWords(state: SignatureState): string {
  const words = {
    right: ", rightly",
    wrong: ", but not by that key behind what was said before",
    unsigned: ", though it has to be",
    unchecked: ", which the line before it would show",
  };
  return state === undefined ? "" : words[state];
}

function serviceWords({ ver, lst, ping, pong }: Container): Told[] {
  const services: Told[] = [];
  const add = (text: string) => services.push(tell("service", text));
  if (ver !== undefined)
    add(ver === "?" ? "asks for the version that is spoken (IRC-IoT S-10)" : `speaks version ${ver}`);
  if (ping !== undefined) add(`asks whether anybody is there, with ${JSON.stringify(ping)} (IRC-IoT S-12)`);
  if (pong !== undefined)
    add(
      pong === ""
        ? "will not answer pings for a while (IRC-IoT S-13)"
        : `is there, to ${JSON.stringify(pong)}`,
    );
  if (lst !== undefined) add(lostWords(lst));
  return services;
}

function lostWords({ kind, rid, bp, dst }: LostRequest): string {
  const what = `${{ 1: "Container", 2: "Object", 3: "Datum" }[Math.floor(kind / 10)]} ${rid}`;
  const whom = kind % 10 === 0 ? (dst ?? "its owner") : "everybody who may have heard it";
  const where = bp === undefined ? "" : ` from character ${bp} on`;
  return `asks ${whom} for ${what} again${where} (IRC-IoT S-6, ${kind})`;
}

function from(address: string): string {
  return address === "" ? "nobody that it names" : address;
}

function to(address: string): string {
  return address === "" ? "everybody" : address;
}
