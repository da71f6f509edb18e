/** The section peers: other gateways, and the way to those behind them (iotgw §9). */
import { z } from "zod";
import { enabled, gatewayName, hostId, listenerTls, text, whole } from "./fields.ts";

/** iotgw: the port of the protocol. */
const PORT = 12_002;

const listen = z.strictObject({
  enabled: enabled("false: other gateways are only connected to"),
  host: text()
    .default("127.0.0.1")
    .describe("address that other gateways connect to, once there is one in peers.connect"),
  port: whole(0, 65_535).default(PORT).describe("its port; 0: any free one"),
  tls: listenerTls("other gateways").optional().describe("other gateways speak over TLS"),
  insecure: z
    .boolean()
    .default(false)
    .describe("true: other gateways need no key; anyone who reaches the port may speak as one of them"),
});

const clientTls = z.strictObject({
  enabled: enabled("false: it is spoken to in the clear"),
  ca: text().optional().describe("authority of its certificate, a PEM file; those of the system when absent"),
  cert: text()
    .optional()
    .describe("this gateway's certificate for it, a PEM file, which then stands for a key"),
  key: text().optional().describe("its private key, a PEM file that others may not read"),
});

const limits = z.strictObject({
  maxPackets: whole(1, 10_000_000).default(100_000).describe("most packets that wait for it"),
  maxBytes: whole(65_536, 2 ** 40)
    .default(67_108_864)
    .describe("most bytes of packets that wait for it"),
});

const subscribe = () =>
  z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9._*-]{1,63}$/, "takes 1 to 63 letters, digits, dots, dashes, underscores and *")
        .describe("a board of it whose messages come here too; in its name * stands for any letters"),
    )
    .default([]);

const peer = z.strictObject({
  enabled: enabled("false: as if it were not listed"),
  id: hostId().describe("its host number, in quotes, as its own bowline peers says"),
  name: gatewayName()
    .optional()
    .describe("what it is called here, as in NAME/sim-1; what it calls itself when absent"),
  host: text().optional().describe("where it listens; absent: it connects to this gateway"),
  port: whole(1, 65_535).default(PORT).describe("its port there"),
  addresses: z
    .array(text().describe("where else it may listen, host or host:port, tried in this order after host"))
    .default([]),
  dial: z
    .enum(["auto", "always", "never"])
    .default("auto")
    .describe("who connects; auto: the lower id, and the higher one when that does not come"),
  tls: clientTls.optional().describe("it is spoken to over TLS"),
  insecure: z
    .boolean()
    .default(false)
    .describe("true: it is spoken to beyond loopback without a key and without TLS"),
  subscribe: subscribe(),
  limits: limits.prefault({}),
});

const route = z.strictObject({
  to: hostId().describe("a gateway that is reached through another: its host number, in quotes"),
  name: gatewayName().optional().describe("what it is called here; what it calls itself when absent"),
  via: hostId().describe("the one of peers.connect that leads to it"),
  subscribe: subscribe(),
});

export const peers = z.strictObject({
  enabled: enabled("false: no other gateways"),
  listen: listen.prefault({}),
  retryMinMs: whole(10, 3_600_000)
    .default(1000)
    .describe("shortest wait before a gateway that went is connected to again, ms"),
  retryMaxMs: whole(10, 3_600_000)
    .default(60_000)
    .describe(
      "longest: each wait is up to three times the one before, until a connection has stood 30 s, ms",
    ),
  connect: z.array(peer).default([]).describe("other gateways that are known"),
  routes: z.array(route).default([]).describe("gateways behind them"),
});
