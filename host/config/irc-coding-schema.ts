/** Of the section irc, how datums are written and read: schemes and their keys, checksums, bounds. */
import { z } from "zod";
import { text, whole } from "./fields.ts";

/** Those that we write; the reference's ciphers are read alone, by irc.legacy. */
const schemeNames = ["b32p", "b64p", "b85p", "b32z", "b64z", "b85z", "b85U"] as const;

const scheme = () => z.enum(schemeNames);

/** Its only writer does not say on the wire that it is one of these. */
const legacyNames = ["b64a", "b85a", "b64A", "b85A", "b64r", "b64Z"] as const;

export const routeScheme = () =>
  scheme()
    .optional()
    .describe("how its long datums are encoded; b85U: all of them sealed; irc.scheme when absent");

export const peerScheme = () =>
  z
    .enum([...schemeNames, ...legacyNames])
    .optional()
    .describe(
      "how datums from it and to it are encoded, by irc.scheme when absent; b64a, b64r and the like are read alone",
    );

const limits = z.strictObject({
  maxEncoded: whole(512, 1_048_576).default(65_536).describe("longest encoded text of one datum, characters"),
  maxInflated: whole(1024, 16_777_216).default(1_048_576).describe("most bytes it may inflate to"),
  maxDepth: whole(8, 256).default(32).describe("deepest nesting of its JSON"),
  maxChains: whole(1, 65_536).default(256).describe("unfinished chains of fragments of all senders"),
  maxChainsOfSender: whole(1, 1024).default(8).describe("the same of one sender"),
  keepS: whole(60, 86_400).default(3600).describe("how long what was said is kept, to be given again, s"),
  keepBytes: whole(65_536, 1_073_741_824)
    .default(1_048_576)
    .describe("most bytes of it, and as many of what was heard in channels"),
  askAfterS: whole(1, 3600).default(60).describe("silence after which a missing fragment is asked for, s"),
});

const legacy = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe("true: datums in the reference's ciphers are read; nobody can tell whether they were altered"),
  aesKeyFile: text()
    .optional()
    .describe("key of b64a, b85a, b64A, b85A: 32 characters or 64 hexadecimal digits"),
  rsaKeyFile: text().optional().describe("our private key of b64r, b64Z: a PEM file"),
});

export const coding = {
  scheme: scheme()
    .default("b85z")
    .describe("how a datum that is too long for one line is encoded, and what is assumed of others"),
  sealingKeyFile: text()
    .optional()
    .describe(
      "key of b85U (AES-256-GCM: each datum sealed, however small), 64 hexadecimal digits or 32 characters",
    ),
  checksum: z
    .enum(["none", "c1", "c2"])
    .default("none")
    .describe("what lines are checked with: CRC-16 or CRC-32; the reference drops lines that have one"),
  legacy: legacy.prefault({}),
  limits: limits.prefault({}),
};
