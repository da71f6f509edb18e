import { describe, expect, it } from "vitest";
import { parseConfigText } from "./document.ts";
import { validate } from "./validate.ts";

/** Code and `line:column: text` of each fault of a file with this text. */
function check(text: string): string[][] {
  const { tree, places } = parseConfigText(text, "f");
  return validate(tree, places).faults.map((fault) => [fault.code, `${fault.place.slice(2)}: ${fault.text}`]);
}

describe("validate()", () => {
  it("gives the configuration when there is no fault", () => {
    const { tree, places } = parseConfigText("http: { port: 1 }", "f");
    expect(validate(tree, places)).toMatchObject({ config: { http: { port: 1 } }, faults: [] });
  });

  it.each([
    [
      "an unknown key",
      "CONFIG_UNKNOWN_KEY",
      "data: x\n\nhttp:\n       prot: 1\n",
      '4:8: unknown key "prot" in http; allowed: enabled, host, port; did you mean "port"?',
    ],
    [
      "an unknown section",
      "CONFIG_UNKNOWN_KEY",
      "htpp:\n",
      '1:1: unknown key "htpp"; allowed: gateway, data, serial, tcp, http, session, store, history, demo, log, peers, irc, monique, webhooks, nats, mqtt; did you mean "http"?',
    ],
    [
      "an unknown key of a board",
      "CONFIG_UNKNOWN_KEY",
      "serial:\n  - { path: a, buad: 1 }\n",
      '2:16: unknown key "buad" in serial.0; allowed: enabled, path, baud, resetOnOpen, silentAfterS, reopenWhenSilent, rebindWhenSilent, syncIntervalMaxMs, interByteTimeoutMs; did you mean "baud"?',
    ],
    [
      "a prototype",
      "CONFIG_UNKNOWN_KEY",
      "__proto__: { http: 1 }\n",
      '1:1: unknown key "__proto__"; allowed: gateway, data, serial, tcp, http, session, store, history, demo, log, peers, irc, monique, webhooks, nats, mqtt',
    ],
    [
      "a wrong type",
      "CONFIG_INVALID",
      "http:\n  port: many\n",
      '2:9: http.port: expected a whole number from 0 to 65535, got "many"',
    ],
    [
      "a number that stands for one of two things",
      "CONFIG_INVALID",
      "mqtt: { version: 3.1.1 }\n",
      '1:18: mqtt.version: expected a whole number from 4 to 5 (5: MQTT 5; 4: MQTT 3.1.1), got "3.1.1"',
    ],
    [
      "a number out of range",
      "CONFIG_INVALID",
      "session: { expireS: 256 }\n",
      "1:21: session.expireS: expected a whole number from 0 to 255, got 256",
    ],
    [
      "half a board",
      "CONFIG_INVALID",
      "serial:\n  - baud: 300.5\n    path: x\n",
      "2:11: serial.0.baud: expected a whole number from 50 to 12000000, got 300.5",
    ],
    [
      "a word for a truth",
      "CONFIG_INVALID",
      "tcp: { enabled: no }\n",
      '1:17: tcp.enabled: expected true or false, got "no"',
    ],
    [
      "a choice nobody offered",
      "CONFIG_INVALID",
      "log: { level: trace }\n",
      '1:15: log.level: expected one of debug, info, warn, error, silent, got "trace"',
    ],
    [
      "a number for a text",
      "CONFIG_INVALID",
      "gateway: { hostId: 42 }\n",
      "1:20: gateway.hostId: expected text, got 42; put it in quotes",
    ],
    [
      "a bad name",
      "CONFIG_INVALID",
      "gateway: { id: a b }\n",
      '1:16: gateway.id: takes 1 to 64 letters, digits, dots, dashes and underscores; got "a b"',
    ],
    [
      "a text that is none",
      "CONFIG_INVALID",
      'data: ""',
      "1:7: data: is empty; leave the key out, or give it a value",
    ],
    [
      "a missing path",
      "CONFIG_INVALID",
      "serial:\n  - baud: 300\n",
      "2:5: serial.0.path: missing; expected text",
    ],
    ["an empty value", "CONFIG_INVALID", "data:\n", "1:6: data: expected text, got nothing"],
    [
      "a list for a section",
      "CONFIG_INVALID",
      "http: [1]\n",
      "1:7: http: expected a section with enabled, host, port, got a list",
    ],
    [
      "a word for a section that a truth stands for",
      "CONFIG_INVALID",
      "mqtt: { homeAssistant: yes }\n",
      '1:24: mqtt.homeAssistant: expected true, false, or a section with enabled, prefix, fields, got "yes"',
    ],
    [
      "a section for a list",
      "CONFIG_INVALID",
      "serial: { path: a }\n",
      "1:9: serial: expected a list, got a section",
    ],
    [
      "a file of another kind",
      "CONFIG_INVALID",
      "- 1\n",
      "1:1: the file: expected a section with gateway, data, serial, tcp, http, session, store, history, demo, log, peers, irc, monique, webhooks, nats, mqtt, got a list",
    ],
    [
      "a name that is none",
      "CONFIG_INVALID",
      "monique: { controller: { clock: 10000 } }\n",
      '1:26: monique.controller: takes a name like example_clock: small letters, digits and dashes around one underscore; got "clock"',
    ],
    [
      "what a name holds",
      "CONFIG_INVALID",
      "monique: { controller: { example_clock: ten } }\n",
      '1:41: monique.controller.example_clock: expected a whole number from 0 to 65535, got "ten"',
    ],
    [
      "a prototype for a name",
      "CONFIG_INVALID",
      "monique: { controller: { __proto__: 3 } }\n",
      "1:26: monique.controller: __proto__ can be no name",
    ],
    [
      "intervals the wrong way round",
      "CONFIG_INVALID",
      "session:\n  syncIntervalMaxMs: 10\n",
      "2:22: session.syncIntervalMinMs: expected at most session.syncIntervalMaxMs (10), got 20",
    ],
  ])("refuses %s", (_, code, text, message) => {
    expect(check(text)).toEqual([[code, message]]);
  });

  it("tells every unknown key of a section", () => {
    expect(check("http: { prot: 1, hots: 2 }").map(([, text]) => text?.slice(0, 19))).toEqual([
      '1:9: unknown key "p',
      '1:18: unknown key "',
    ]);
  });

  it("places a rule between two keys at the one written last", () => {
    const text = "session:\n  syncIntervalMaxMs: 30\n  syncIntervalMinMs: 31\n";
    expect(check(text)[0]?.[1]).toMatch(/^3:22: session.syncIntervalMinMs: expected at most/);
  });
});
