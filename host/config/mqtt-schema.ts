/** The section mqtt: a broker that is told every message. */
import { z } from "zod";
import { enabled, text, whole } from "./fields.ts";
import { handedOn } from "./handed-on.ts";

const tls = z.strictObject({
  ca: text().optional().describe("authority of its certificate, a PEM file; those of the system when absent"),
  cert: text().optional().describe("this gateway's certificate for it, a PEM file"),
  key: text().optional().describe("its private key, a PEM file that others may not read"),
});

/** Wildcards, NUL and control characters are no part of a topic that is published to; $ begins those of the broker itself. */
const topic = () =>
  z
    .string()
    .regex(
      /^[^$/+#\p{Cc}][^+#\p{Cc}]*$/u,
      "takes the beginning of a topic, as house/bowline: without + and #, and $ or / in front",
    )
    .refine((value) => !value.endsWith("/") && Buffer.byteLength(value) <= 256, {
      error: "takes the beginning of a topic without / at its end, at most 256 bytes",
    });

// A password in an address would be shown wherever the address is.
const hasNoUser = (url: string) => !URL.canParse(url) || new URL(url).username + new URL(url).password === "";

// A WebSocket has a path; elsewhere it would be left out without a word.
const hasNoPath = (url: string) =>
  !URL.canParse(url) || !/^mqtts?:/.test(url) || /^\/?$/.test(new URL(url).pathname + new URL(url).search);

const field = z.strictObject({
  enabled: enabled("false: it has no entity"),
  type: text().default("*").describe("type of the messages it stands in; * stands for any letters"),
  field: text().describe("its name there"),
  name: text().optional().describe("what it is called in Home Assistant"),
  unit: text().optional().describe("its unit, as Home Assistant writes it"),
  deviceClass: text().optional().describe("its device class there: humidity, door, …"),
  stateClass: z
    .enum(["measurement", "total", "total_increasing"])
    .optional()
    .describe("whether statistics are made of it, and which; measurement for numbers when absent"),
});

/** `homeAssistant: true` and `false` are the section with nothing but `enabled` in it. */
const homeAssistant = z.preprocess(
  (value) => (typeof value === "boolean" ? { enabled: value } : value),
  z.strictObject({
    enabled: z.boolean().default(false).describe("true: boards and their values are found by Home Assistant"),
    prefix: topic().default("homeassistant").describe("its discovery prefix"),
    fields: z.array(field).default([]),
  }),
);

export const mqtt = z.strictObject({
  enabled: enabled(
    "false: it is told nothing; what it has not been told waits, as long as the store holds it",
  ),
  url: z
    .url({
      protocol: /^(mqtts?|wss?)$/,
      error: "takes mqtt://HOST:PORT; or mqtts://, ws://, wss:// in front, and a port of at most 65535",
    })
    .refine(hasNoPath, { error: "takes an address without a path; what topics begin with is mqtt.topic" })
    .refine(hasNoUser, {
      error: "takes an address without user and password; see mqtt.user, mqtt.passwordFile",
    })
    .optional()
    .describe("the broker; without one there is no MQTT"),
  version: whole(4, 5).default(5).describe("5: MQTT 5; 4: MQTT 3.1.1"),
  user: text().optional().describe("who it logs in as"),
  passwordFile: text().optional().describe("file with the password, which others may not read"),
  clientId: text().optional().describe("its name at the broker; bowline- and the gateway's id when absent"),
  tls: tls.prefault({}),
  topic: topic().default("bowline").describe("what its topics begin with; the gateway's id follows"),
  ...handedOn(),
  maxInFlight: whole(1, 1000)
    .default(10)
    .describe("messages that the broker has not acknowledged; fewer when it says so, as MQTT 5 brokers do"),
  maxPacketBytes: whole(256, 268_435_455)
    .default(268_435_455)
    .describe("largest packet that the broker takes, bytes; MQTT 5 brokers say so themselves"),
  keepaliveS: whole(5, 65_535)
    .default(30)
    .describe("silence after which the broker is asked whether it is there, s"),
  requests: z
    .boolean()
    .default(false)
    .describe(
      "true: boards are asked what is written to their topic request; who may write there the broker says",
    ),
  homeAssistant: homeAssistant.prefault({}).meta({
    description: "Home Assistant; true and false stand for homeAssistant.enabled",
    type: ["object", "boolean"],
  }),
});
