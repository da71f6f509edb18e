import { describe, expect, it } from "vitest";
import { configSchema } from "./schema.ts";

const accepts = (value: unknown) => configSchema.safeParse(value).success;

describe("configSchema", () => {
  it("fills in every default of interface.md", () => {
    expect(configSchema.parse({})).toEqual({
      gateway: { enabled: true },
      data: "./data",
      serial: [],
      tcp: { enabled: true, host: "127.0.0.1", port: 7700, insecure: false },
      http: { enabled: true, host: "127.0.0.1", port: 9080 },
      session: {
        enabled: true,
        syncIntervalMinMs: 20,
        syncIntervalMaxMs: 5000,
        expireS: 255,
        maxPacketBytes: 65536,
      },
      store: {
        enabled: true,
        maxMessages: 1000000,
        maxBytes: 268435456,
        maxAgeS: 2592000,
        whenFull: "dropOldest",
        commitDelayMs: 10,
        flush: true,
        keepFreeBytes: 268435456,
        faults: "none",
      },
      history: {
        enabled: true,
        keepS: 604800,
        rawS: 86400,
        minuteS: 172800,
        maxBytes: 268435456,
      },
      demo: { enabled: true, boards: 0 },
      log: { enabled: true, level: "info", format: "auto" },
      peers: {
        enabled: true,
        listen: { enabled: true, host: "127.0.0.1", port: 12002, insecure: false },
        retryMinMs: 1000,
        retryMaxMs: 60_000,
        connect: [],
        routes: [],
      },
      irc: {
        enabled: true,
        port: 6697,
        tls: { enabled: true },
        user: "bowline",
        realname: "Bowline gateway",
        channels: [],
        channelKeys: [],
        networks: [],
        routes: [],
        operators: [],
        types: [],
        readers: "anyone",
        peers: [],
        sign: { enabled: false },
        scheme: "b85z",
        checksum: "none",
        legacy: { enabled: false },
        flood: { burst: 5, linesPerMinute: 30 },
        retryMinMs: 5000,
        retryMaxMs: 300_000,
        requestTimeoutS: 30,
        commandAgeS: 300,
        limits: {
          maxEncoded: 65_536,
          maxInflated: 1_048_576,
          maxDepth: 32,
          maxChains: 256,
          maxChainsOfSender: 8,
          keepS: 3600,
          keepBytes: 1_048_576,
          askAfterS: 60,
        },
      },
      monique: {
        enabled: true,
        hub: {
          enabled: true,
          host: "127.0.0.1",
          com: { in: 9000, out: 9001 },
          tech: { in: 9024, out: 9025 },
          insecure: false,
          allow: [],
          maxMessageBytes: 4_194_304,
        },
        controller: {},
        patienceS: {},
        project: "bowline",
        frequencyMs: 60_000,
        rhythmMs: {},
        rest: { enabled: false, host: "127.0.0.1", port: 3000 },
      },
      webhooks: [],
      nats: {
        ...{ enabled: true, servers: [], stream: "bowline", subject: "bowline", tls: {} },
        create: { enabled: false, subjects: [], maxBytes: 0, replicas: 1, dedupeWindowS: 120 },
        ...{ devices: ["*"], types: ["*"], from: "now", timeoutS: 10, maxInFlight: 64 },
      },
      mqtt: {
        ...{ enabled: true, version: 5, tls: {}, topic: "bowline", devices: ["*"], types: ["*"] },
        ...{ from: "now", maxInFlight: 10, maxPacketBytes: 268_435_455, keepaliveS: 30 },
        requests: false,
        homeAssistant: { enabled: false, prefix: "homeassistant", fields: [] },
      },
    });
  });

  it("fills in the defaults of a board on a cable", () => {
    expect(configSchema.parse({ serial: [{ path: "/dev/ttyACM0" }] }).serial).toEqual([
      {
        enabled: true,
        path: "/dev/ttyACM0",
        baud: 115200,
        resetOnOpen: "never",
        silentAfterS: 15,
        reopenWhenSilent: true,
        rebindWhenSilent: false,
        syncIntervalMaxMs: 2000,
        interByteTimeoutMs: 300,
      },
    ]);
  });

  it("fills in the defaults of another gateway", () => {
    expect(configSchema.parse({ peers: { connect: [{ id: "42" }] } }).peers.connect).toEqual([
      {
        enabled: true,
        id: "42",
        port: 12002,
        addresses: [],
        dial: "auto",
        insecure: false,
        subscribe: [],
        limits: { maxPackets: 100_000, maxBytes: 67_108_864 },
      },
    ]);
  });

  it.each([
    ["gateway", { gateway: { enabled: false } }],
    ["serial", { serial: [{ path: "COM3", enabled: false }] }],
    ["tcp", { tcp: { enabled: false } }],
    ["http", { http: { enabled: false } }],
    ["session", { session: { enabled: false } }],
    ["store", { store: { enabled: false } }],
    ["demo", { demo: { enabled: false } }],
    ["log", { log: { enabled: false } }],
    ["peers", { peers: { enabled: false, listen: { port: 12002 } } }],
    ["irc", { irc: { enabled: false, host: "h" } }],
    ["monique", { monique: { enabled: false } }],
    ["webhooks", { webhooks: [{ name: "home", url: "http://h/", enabled: false }] }],
    ["mqtt", { mqtt: { enabled: false } }],
  ])("takes enabled: false in %s", (_, value) => {
    expect(accepts(value)).toBe(true);
  });

  it.each([
    ["mqtt://h:1883", true],
    ["mqtts://h", true],
    ["wss://h/mqtt", true],
    ["http://h", false],
    ["mqtt://user:secret@h", false],
    ["mqtt://h:99999", false],
    ["mqtt://h/", true],
    ["mqtt://h/kitchen", false],
    ["mqtt://h?qos=1", false],
    ["h", false],
  ])("takes the broker %s: %s", (url, isTaken) => {
    expect(accepts({ mqtt: { url } })).toBe(isTaken);
  });

  it.each([
    ["house/bowline", true],
    ["$SYS", false],
    ["a/#", false],
    ["a/+", false],
    ["/a", false],
    ["a/", false],
    ["", false],
  ])("takes the topic %j: %s", (topic, isTaken) => {
    expect(accepts({ mqtt: { topic } })).toBe(isTaken);
  });

  it.each([
    [
      { url: "mqtt://h", tls: { ca: "ca.pem" } },
      "mqtt.tls.ca: is for TLS, and mqtt.url has none; write mqtts://h",
    ],
    [{ url: "mqtts://h", tls: { cert: "c" } }, "mqtt.tls: key is missing; a certificate needs its key"],
    [{ url: "mqtt://h", passwordFile: "f" }, "mqtt.passwordFile: is a password without mqtt.user"],
    [{ requests: true }, "mqtt.requests: mqtt.url is missing; without it there is no MQTT"],
    [{ homeAssistant: true }, "mqtt.homeAssistant: mqtt.url is missing; without it there is no MQTT"],
    [{ user: "u", passwordFile: "f" }, "mqtt.user: mqtt.url is missing; without it there is no MQTT"],
  ])("refuses mqtt %j", (mqtt, text) => {
    expect(configSchema.safeParse({ mqtt }).error?.issues.map(({ message }) => message)).toEqual([text]);
  });

  it.each([
    ["http.port", (port: unknown) => ({ http: { port } }), [0, 65535], [-1, 65536, 1.5, "80", null]],
    ["expireS", (expireS: unknown) => ({ session: { expireS } }), [0, 255], [-1, 256]],
    ["maxPacketBytes", (maxPacketBytes: unknown) => ({ session: { maxPacketBytes } }), [256], [255, 2 ** 25]],
    [
      "gateway.id",
      (id: unknown) => ({ gateway: { id } }),
      ["a", "pi-1.k_x", "a".repeat(64)],
      ["", "-a", "a b", "a".repeat(65)],
    ],
    [
      "hostId",
      (hostId: unknown) => ({ gateway: { hostId } }),
      ["1", "9007199254740993", "18446744073709551615"],
      [42, "0", "042", "18446744073709551616", "-1", "0x1", ""],
    ],
    ["log.level", (level: unknown) => ({ log: { level } }), ["debug", "silent"], ["trace", "INFO"]],
    [
      "resetOnOpen",
      (resetOnOpen: unknown) => ({ serial: [{ path: "p", resetOnOpen }] }),
      ["never", "always", "if_silent"],
      [true, "if-silent"],
    ],
    ["data", (data: unknown) => ({ data }), ["memory", "/srv/x"], ["", 7]],
    ["demo.boards", (boards: unknown) => ({ demo: { boards } }), [0, 100], [-1, 101]],
    ["tcp.enabled", (enabled: unknown) => ({ tcp: { enabled } }), [true, false], ["no", 0]],
  ])("knows the range of %s", (_, place, good, bad) => {
    for (const value of good) expect(accepts(place(value)), `good: ${value}`).toBe(true);
    for (const value of bad) expect(accepts(place(value)), `bad: ${value}`).toBe(false);
  });
});
