/** The section irc: networks, what is told where, and who may ask what of boards. */
import { z } from "zod";
import { enabled, text, whole } from "./fields.ts";
import { coding, peerScheme, routeScheme } from "./irc-coding-schema.ts";
import { account, address, channel, fingerprint, nick, pattern, publicKey } from "./irc-fields.ts";
import { ircTypes } from "./irc-types-schema.ts";

const PORT = 6697;

/** `tls: true` and `tls: false` are the section with nothing but `enabled` in it. */
const tls = z.preprocess(
  (value) => (typeof value === "boolean" ? { enabled: value } : value),
  z.strictObject({
    enabled: enabled("false: the server is spoken to in the clear"),
    ca: text()
      .optional()
      .describe("authority of its certificate, a PEM file; those of the system when absent"),
    cert: text().optional().describe("our certificate, a PEM file; SASL EXTERNAL logs in with it"),
    key: text().optional().describe("its private key, a PEM file that others may not read"),
    servername: text().optional().describe("the name its certificate has to have; the host when absent"),
  }),
);

const sasl = z.strictObject({
  enabled: enabled("false: no login before registration"),
  mechanism: z
    .enum(["PLAIN", "EXTERNAL"])
    .default("PLAIN")
    .describe("PLAIN: user and password; EXTERNAL: the certificate of tls"),
  user: account().optional().describe("the services account to log in as"),
  passwordFile: text().optional().describe("file with its password, which others may not read"),
});

const channelKey = z.strictObject({
  channel: channel().describe("a channel that wants a key"),
  keyFile: text().describe("file with that key, which others may not read"),
});

/** What one network takes; `who`: whose host it is. */
const network = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "takes 1 to 64 letters, digits, dots, dashes and underscores")
    .optional()
    .describe("what the network is called here; its host when absent"),
  host: text().optional().describe("the IRC server; without one, and without networks, there is no IRC"),
  port: whole(1, 65_535).default(PORT).describe("its port"),
  tls: tls.prefault({}).describe("TLS to the server, verified; true and false stand for tls.enabled"),
  nick: nick().optional().describe("our nick; the gateway's id, as far as it fits, when absent"),
  user: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,10}$/, "takes 1 to 10 letters, digits, dots, dashes and underscores")
    .default("bowline")
    .describe("our user name"),
  realname: text().default("Bowline gateway").describe("what WHOIS tells of us"),
  passwordFile: text().optional().describe("file with the server's password, which others may not read"),
  sasl: sasl.optional().describe("logging in to services"),
  channels: z.array(channel().describe("a channel to join")).default([]),
  channelKeys: z.array(channelKey).default([]),
};

const route = z.strictObject({
  enabled: enabled("false: as if it were not listed"),
  network: text().optional().describe("name of the network; the first when absent"),
  channel: channel().optional().describe("where it is told: a channel of that network, or"),
  nick: nick().optional().describe("somebody, in private"),
  devices: z.array(pattern("boards that it tells of; gw2/sim-1 is behind gateway gw2")).default(["*"]),
  types: z.array(pattern("types of messages that it tells")).default(["*"]),
  fields: z.array(text().describe("the fields it tells; all when there are none")).default([]),
  detail: z
    .enum(["full", "brief", "words"])
    .default("full")
    .describe(
      "full: the whole message as IRC-IoT; brief: its plain values; words: for people, not for programs",
    ),
  everyS: whole(0, 86_400)
    .default(0)
    .describe("at most one message of a board and type in so many seconds; 0: every one"),
  onChange: z.boolean().default(false).describe("true: only what differs from the one before, times apart"),
  maxAgeS: whole(1, 2_592_000)
    .default(3600)
    .describe("what has waited longer is not told any more, and counted, s"),
  waitFor: z.array(nick().describe("who has to be in the channel before anything is said")).default([]),
  sayAgainS: whole(0, 3600)
    .default(0)
    .describe(
      "what was said so long before one of waitFor left, or we did, is said again when they are back, s; they drop repeats, unless they began anew",
    ),
  profile: z
    .enum(["strict", "pyirciot"])
    .default("strict")
    .describe("pyirciot: fragments as the reference implementation can read them"),
  scheme: routeScheme(),
});

const operator = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "takes 1 to 64 letters, digits, dots, dashes and underscores")
    .describe("what the audit calls them"),
  network: text().optional().describe("the network on which account and certfp count; every one when absent"),
  account: account().optional().describe("proved by: their services account, or"),
  certfp: fingerprint().optional().describe("the fingerprint of their certificate, as WHOIS shows it, or"),
  key: publicKey().optional().describe("the Ed25519 key that signs their messages"),
  devices: z.array(pattern("boards they may ask")).default(["*"]),
  commands: z.array(pattern("types of requests they may make; kill: they may stop tasks")).default(["*"]),
});

const peer = z.strictObject({
  name: text().describe("what it is called here"),
  nick: nick().optional().describe("its nick, or"),
  account: account().optional().describe("its services account"),
  key: publicKey().optional().describe("the Ed25519 key that signs its messages"),
  required: z.boolean().default(false).describe("true: what it says unsigned is refused"),
  profile: z
    .enum(["strict", "pyirciot"])
    .default("strict")
    .describe("pyirciot: it is the reference implementation"),
  scheme: peerScheme(),
});

export const irc = z.strictObject({
  enabled: enabled("false: no IRC"),
  ...network,
  networks: z
    .array(z.strictObject({ enabled: enabled("false: as if it were not listed"), ...network }))
    .default([]),
  address: address().optional().describe("our own IRC-IoT address; bowline@ID when absent"),
  routes: z.array(route).default([]).describe("what is told where"),
  operators: z.array(operator).default([]).describe("who may ask boards"),
  types: ircTypes(),
  readers: z
    .enum(["anyone", "operators"])
    .default("anyone")
    .describe("who is told what is known without asking a board: !status, !last, !devices"),
  auditChannel: channel()
    .optional()
    .describe("a channel of the first network that is told of every command and refusal"),
  peers: z.array(peer).default([]).describe("IRC-IoT peers of which something is known"),
  sign: z
    .strictObject({
      enabled: z.boolean().default(false).describe("true: what we say is signed (Ed25519)"),
      keyFile: text()
        .optional()
        .describe(
          "our private key, a PEM file that others may not read; made in the data folder when absent",
        ),
    })
    .prefault({}),
  flood: z
    .strictObject({
      burst: whole(1, 1000).default(5).describe("lines at once"),
      linesPerMinute: whole(1, 60_000).default(30).describe("and then so many a minute"),
    })
    .prefault({}),
  retryMinMs: whole(10, 3_600_000)
    .default(5000)
    .describe("shortest wait before a server that went, or a channel that refused us, is tried again, ms"),
  retryMaxMs: whole(10, 3_600_000)
    .default(300_000)
    .describe(
      "longest: each wait is up to three times the one before, until a connection has stood 60 s, ms",
    ),
  requestTimeoutS: whole(1, 3600).default(30).describe("how long a board has to answer what IRC asks, s"),
  commandAgeS: whole(1, 86_400)
    .default(300)
    .describe("how far the time t of a signed command may be from ours, s"),
  ...coding,
});
