/** Rules of the section irc about how datums are written: whoever seals or opens has a key, and readers can read. */
import { conflict, fieldsOf, listOf, section } from "./irc-section.ts";
import type { Conflict } from "./relations.ts";

export const ircCodingRules: ((irc: unknown) => Conflict[])[] = [
  function sealingHasAKey(irc) {
    const { scheme, sealingKeyFile } = section(irc);
    if (sealingKeyFile !== undefined) return [];
    return schemesOf(irc)
      .filter((one) => one.scheme === "b85U" && (one.place === "irc" || scheme !== "b85U"))
      .map(({ place }) =>
        conflict(`${place}.scheme`, "b85U seals with irc.sealingKeyFile, which is missing"),
      );
  },
  function theReferenceReadsItsScheme(irc) {
    return schemesOf(irc)
      .filter(({ profile, scheme }) => profile === "pyirciot" && readByOursAlone.has(scheme))
      .map(({ place, scheme }) =>
        conflict(
          `${place}.profile`,
          `pyirciot, which does not read ${scheme}; allowed: another scheme there`,
        ),
      );
  },
  function whatIsSealedIsNotTold(irc) {
    return listOf(section(irc).routes).flatMap((route, i) =>
      route.enabled !== false && route.scheme === "b85U" && route.detail === "words"
        ? [conflict(`irc.routes.${i}.detail`, "words are for everybody to read; b85U seals full and brief")]
        : [],
    );
  },
  function ciphersThatAreReadHaveAKey(irc) {
    const { enabled, aesKeyFile, rsaKeyFile } = fieldsOf(section(irc).legacy);
    return enabled === true && aesKeyFile === undefined && rsaKeyFile === undefined
      ? [conflict("irc.legacy", "expected aesKeyFile or rsaKeyFile, got neither")]
      : [];
  },
  function aCipherThatIsAssumedCanBeRead(irc) {
    const { enabled, ...keys } = fieldsOf(section(irc).legacy);
    return listOf(section(irc).peers).flatMap(({ scheme }, i) => {
      const key = legacyKeys.get(scheme);
      return key === undefined || (enabled === true && keys[key] !== undefined)
        ? []
        : [
            conflict(
              `irc.peers.${i}.scheme`,
              `${scheme} is read with irc.legacy.enabled and irc.legacy.${key}`,
            ),
          ];
    });
  },
  function aPeerThatHasToSignHasAKey(irc) {
    return listOf(section(irc).peers).flatMap(({ required, key }, i) =>
      required === true && key === undefined
        ? [conflict(`irc.peers.${i}.key`, "missing; nothing that is required of it could be right")]
        : [],
    );
  },
];

/** Not read by the reference. */
const readByOursAlone = new Set<unknown>(["b32z", "b85U"]);

/** Which key opens what the reference's ciphers wrote. */
const legacyKeys = new Map<unknown, "aesKeyFile" | "rsaKeyFile">([
  ...["b64a", "b85a", "b64A", "b85A"].map((name) => [name, "aesKeyFile"] as const),
  ...["b64r", "b64Z"].map((name) => [name, "rsaKeyFile"] as const),
]);

interface SchemeUse {
  place: string;
  scheme: unknown;
  profile: unknown;
}

/** Everywhere that datums are encoded for, and how. */
function schemesOf(irc: unknown): SchemeUse[] {
  const { scheme, routes, peers } = section(irc);
  // What is read alone is answered as everybody is.
  const writtenTo = (own: unknown) => (legacyKeys.has(own) ? undefined : own);
  const uses = (name: string, all: unknown): SchemeUse[] =>
    listOf(all).flatMap((one, i) =>
      one.enabled === false
        ? []
        : [{ place: `irc.${name}.${i}`, scheme: writtenTo(one.scheme) ?? scheme, profile: one.profile }],
    );
  return [{ place: "irc", scheme, profile: undefined }, ...uses("routes", routes), ...uses("peers", peers)];
}
