import { describe, expect, it } from "vitest";
import { allowedText, configJsonSchema, keysOf, nodeAt, settings } from "./settings.ts";

describe("settings", () => {
  it("each say what they mean", () => {
    for (const { path, node } of settings) expect(node.description, path.join(".")).toMatch(/\w/);
  });
  it("hold every key once, boards as serial.*", () => {
    const names = settings.map(({ path }) => path.join("."));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["data", "http.port", "serial.*.path", "gateway.hostId"]));
  });
  it("must be given only where nothing else would do", () => {
    const required = settings.filter(({ isRequired }) => isRequired);
    expect(required.map(({ path }) => path.join("."))).toEqual([
      "serial.*.path",
      "tcp.tls.cert",
      "tcp.tls.key",
      "peers.listen.tls.cert",
      "peers.listen.tls.key",
      "peers.connect.*.id",
      "peers.routes.*.to",
      "peers.routes.*.via",
      "irc.channelKeys.*.channel",
      "irc.channelKeys.*.keyFile",
      "irc.networks.*.channelKeys.*.channel",
      "irc.networks.*.channelKeys.*.keyFile",
      "irc.operators.*.name",
      "irc.types.*.ot",
      "irc.types.*.fields.*.name",
      "irc.peers.*.name",
      "monique.hub.tls.cert",
      "monique.hub.tls.key",
      "webhooks.*.name",
      "webhooks.*.url",
      "mqtt.homeAssistant.fields.*.field",
    ]);
  });
});

describe("nodeAt()", () => {
  it("follows sections and list positions", () => {
    expect(nodeAt(["serial", 3, "baud"])?.default).toBe(115200);
    expect(nodeAt(["session", "expireS"])?.maximum).toBe(255);
    expect(nodeAt([])).toBe(configJsonSchema);
  });
  it.each([[["nope"]], [["http", "nope"]], [["http", "port", "x"]], [["serial", "path"]], [["toString"]]])(
    "knows nothing at %j",
    (path) => {
      expect(nodeAt(path)).toBeUndefined();
    },
  );
});

describe("keysOf()", () => {
  it("lists the keys of a section", () => {
    expect(keysOf(nodeAt(["http"]))).toEqual(["enabled", "host", "port"]);
    expect(keysOf(nodeAt(["http", "port"]))).toEqual([]);
  });
});

describe("allowedText()", () => {
  it.each([
    [["http", "port"], "a whole number from 0 to 65535"],
    [["http", "enabled"], "true or false"],
    [["http", "host"], "text"],
    [["http"], "a section with enabled, host, port"],
    [["nats", "create", "dedupeWindowS"], "a number from 0.1 to 86400"],
    [["serial"], "a list"],
    [["serial", 0, "resetOnOpen"], "one of never, always, if_silent"],
  ])("says of %j: %s", (path, text) => {
    expect(allowedText(nodeAt(path))).toBe(text);
  });
});
