/** The schema of bowline.yaml: every key with its default, its range and its meaning (interface: configuration). */
import { z } from "zod";
import { logLevels } from "../platform/log.ts";
import { enabled, gatewayName, hostId, ignorable, listenerTls, text, whole } from "./fields.ts";
import { irc } from "./irc-schema.ts";
import { monique } from "./monique-schema.ts";
import { mqtt } from "./mqtt-schema.ts";
import { nats } from "./nats-schema.ts";
import { peers } from "./peers-schema.ts";
import { checkRelations } from "./relations.ts";
import { webhook } from "./webhooks-schema.ts";

const gateway = z.strictObject({
  enabled: ignorable(),
  id: gatewayName().optional().describe("name of this gateway; the name of the machine when absent"),
  hostId: hostId()
    .optional()
    .describe("iotgw's host number, in quotes; drawn at the first start when absent"),
});

const serial = z.strictObject({
  enabled: enabled("false: leave this port alone"),
  path: text().describe("the port; best a name under /dev/serial/by-id"),
  baud: whole(50, 12_000_000).default(115_200).describe("bits a second; boards on USB ignore it"),
  resetOnOpen: z
    .enum(["never", "always", "if_silent"])
    .default("never")
    .describe("whether the board is reset when the port opens: never, always, or only after it was silent"),
  silentAfterS: whole(0, 86_400)
    .default(15)
    .describe("silence after which each step is taken, s, at least three heartbeats; 0: none ever is"),
  reopenWhenSilent: z.boolean().default(true).describe("first step: the port is opened anew"),
  rebindWhenSilent: z
    .boolean()
    .default(false)
    .describe("last step: its USB device, with all its ports, as if replugged; takes root or udev's leave"),
  syncIntervalMaxMs: whole(1, 60_000)
    .default(2000)
    .describe("time between heartbeats on this cable, ms; holds in place of the session's"),
  interByteTimeoutMs: whole(1, 60_000)
    .default(300)
    .describe("silence after which a broken frame is dropped, ms"),
});

const tcp = z.strictObject({
  enabled: enabled("false: no boards on the network"),
  host: text().default("127.0.0.1").describe("address that boards on the network connect to"),
  port: whole(0, 65_535).default(7700).describe("its port; 0: any free one"),
  tls: listenerTls("boards on the network").optional().describe("boards on the network speak over TLS"),
  insecure: z
    .boolean()
    .default(false)
    .describe("true: boards need no key; anyone who reaches the port may speak"),
});

const http = z.strictObject({
  enabled: enabled("false: no status page and no API"),
  host: text().default("127.0.0.1").describe("address of the status page and the API"),
  port: whole(0, 65_535).default(9080).describe("its port; 0: any free one"),
});

const session = z.strictObject({
  enabled: ignorable(),
  syncIntervalMinMs: whole(1, 60_000)
    .default(20)
    .describe("time between two acknowledgements while packets arrive, ms"),
  syncIntervalMaxMs: whole(1, 60_000)
    .default(5000)
    .describe("time between heartbeats while nothing arrives, ms"),
  // session: sessionExpire travels as one byte of seconds.
  expireS: whole(0, 255).default(255).describe("how long a cut session waits to be resumed, s"),
  maxPacketBytes: whole(256, 16_777_216).default(65_536).describe("largest packet accepted, bytes"),
});

const store = z.strictObject({
  enabled: ignorable(),
  maxMessages: whole(1, 100_000_000).default(1_000_000).describe("most messages it holds"),
  maxBytes: whole(65_536, 2 ** 40)
    .default(268_435_456)
    .describe("most bytes of messages it holds; the disk may need twice as much for a while"),
  maxAgeS: whole(0, 3_153_600_000)
    .default(2_592_000)
    .describe("how long a message is kept while the gateway runs, s; 0: as long as there is room"),
  whenFull: z
    .enum(["dropOldest", "refuse"])
    .default("dropOldest")
    .describe(
      "dropOldest: the oldest messages make room, counted; refuse: boards keep theirs until there is room",
    ),
  commitDelayMs: whole(0, 60_000)
    .default(10)
    .describe(
      "least time between two commits of boards' messages, ms: more spares a flash card and delays acknowledgements as much; requests and their replies do not wait",
    ),
  flush: z
    .boolean()
    .default(true)
    .describe("false: acknowledge before the disk has it; a power cut then loses what was acknowledged"),
  keepFreeBytes: whole(0, 2 ** 40)
    .default(268_435_456)
    .describe(
      "while less is free on its disk, nothing new is kept for other gateways, bytes; boards' messages and replies are; 0: never asked",
    ),
  faults: z
    .enum(["none", "dropUnflushed"])
    .default("none")
    .describe("for tests; dropUnflushed: what is not flushed is lost when the gateway is killed"),
});

const history = z.strictObject({
  enabled: enabled("false: no values over time are kept; what is there stays"),
  keepS: whole(3600, 3_153_600_000)
    .default(604_800)
    .describe("how long values are kept, s; counted, like the next two, while the gateway runs"),
  rawS: whole(0, 3_153_600_000)
    .default(86_400)
    .describe("how long as they came, s; then mean, least, most and count of each minute"),
  minuteS: whole(0, 3_153_600_000).default(172_800).describe("age at which minutes become ten minutes, s"),
  maxBytes: whole(1_048_576, 2 ** 40)
    .default(268_435_456)
    .describe("most bytes; values are thinned earlier, and in the end the oldest go, to stay within"),
});

const demo = z.strictObject({
  enabled: enabled("false: no simulated boards"),
  boards: whole(0, 100).default(0).describe("simulated boards, each over a pseudo-terminal of its own"),
});

const log = z.strictObject({
  enabled: enabled("false: as level silent"),
  level: z
    .enum(logLevels)
    .default("info")
    .describe(`the least that is logged: ${logLevels.join(", ")}`),
  format: z
    .enum(["auto", "json", "journald"])
    .default("auto")
    .describe(
      "json; journald: lines with a priority; auto: journald where stderr is the journal, else json or words",
    ),
});

/** Checks a configuration and fills in its defaults; paths, host name and `enabled: false` are settled in settle.ts. */
export const configSchema = z
  .strictObject({
    gateway: gateway.prefault({}),
    data: text()
      .default("./data")
      .describe(
        "folder of the store, counted from the file it is written in; memory: nothing outlives the process",
      ),
    serial: z.array(serial).default([]).describe("boards on cables"),
    tcp: tcp.prefault({}),
    http: http.prefault({}),
    session: session.prefault({}),
    store: store.prefault({}),
    history: history.prefault({}),
    demo: demo.prefault({}),
    log: log.prefault({}),
    peers: peers.prefault({}),
    irc: irc.prefault({}),
    monique: monique.prefault({}),
    webhooks: z.array(webhook).default([]).describe("HTTP servers that are told every message"),
    nats: nats.prefault({}),
    mqtt: mqtt.prefault({}),
  })
  // Always: a fault of one key must not hide that two others do not fit.
  .superRefine(checkRelations, { when: () => true });

export type ParsedConfig = z.output<typeof configSchema>;

/** What the gateway runs with: checked, complete, paths absolute. */
export type Config = Omit<ParsedConfig, "gateway"> & {
  gateway: ParsedConfig["gateway"] & { id: string };
};
export type SerialConfig = Config["serial"][number];
export type PeersConfig = Config["peers"];
export type PeerConfig = PeersConfig["connect"][number];
export type WebhookConfig = Config["webhooks"][number];
export type NatsConfig = Config["nats"];
export type MqttConfig = Config["mqtt"];
export type MoniqueConfig = Config["monique"];
export type IrcConfig = Config["irc"];
export type IrcNetworkConfig = IrcConfig["networks"][number];
export type IrcRouteConfig = IrcConfig["routes"][number];
export type IrcOperatorConfig = IrcConfig["operators"][number];
