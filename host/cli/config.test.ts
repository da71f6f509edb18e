import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb } from "./testing/run-verb.ts";

let folder: string;
let terminal: FakeTerminal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-config-"));
  terminal = new FakeTerminal();
  terminal.cwd = folder;
});

afterEach(() => rmSync(folder, { recursive: true }));

/** As somebody who has just come. */
function check() {
  terminal = new FakeTerminal();
  terminal.cwd = folder;
  return runVerb(["config", "check"], terminal);
}
const write = (text: string) => writeFileSync(join(folder, "bowline.yaml"), text);

test("config check says which file is good, and what it sets", async () => {
  write("gateway: { id: pi-kitchen }\nserial:\n  - path: /dev/serial0\n");
  const { code, out } = await runVerb(["config", "check"], terminal);
  expect([code, out]).toEqual([
    0,
    [`ok: ${join(folder, "bowline.yaml")}: gateway pi-kitchen, boards on /dev/serial0, tcp 127.0.0.1:7700`],
  ]);
});

test("config check and config show as one object", async () => {
  write("serial:\n  - path: /dev/ttyUSB98\ntcp: { enabled: false }\n");
  const source = join(folder, "bowline.yaml");
  const checked = await runVerb(["config", "check", "--json", "--set", "gateway.id=pi"], terminal);
  expect([checked.code, JSON.parse(checked.out.join())]).toEqual([
    0,
    {
      ...{ source, gateway: "pi", boards: ["/dev/ttyUSB98"] },
      warnings: [expect.stringMatching(/^serial\.0\.path: /)],
    },
  ]);
  const shown = await runVerb(
    ["config", "show", "--json"],
    Object.assign(new FakeTerminal(), { cwd: folder }),
  );
  expect(JSON.parse(shown.out.join())).toMatchObject({
    source,
    config: { serial: [{ path: "/dev/ttyUSB98", baud: 115_200 }] },
    origins: { "serial.0.path": expect.stringContaining("bowline.yaml:2") },
  });
});

test("config check warns of names that the kernel gives anew at every plug, and is content", async () => {
  write("serial:\n  - path: /dev/ttyUSB98\n  - { path: /dev/ttyACM99, enabled: false }\n");
  const { code, out } = await runVerb(["config", "check"], terminal);
  expect([code, out.slice(1)]).toEqual([
    0,
    [
      "warning: serial.0.path: /dev/ttyUSB98 may be another port after the next start; write its name under /dev/serial/by-id or by-path",
    ],
  ]);
});

test("config check warns of what Home Assistant would drop without a word here", async () => {
  write("mqtt: { homeAssistant: { fields: [{ field: t, deviceClass: temperature, unit: C }] } }\n");
  const { code, out } = await runVerb(["config", "check"], terminal);
  expect([code, out.slice(1)]).toEqual([
    0,
    [
      'warning: mqtt.homeAssistant.fields.0.unit: "C" is no unit of temperature in Home Assistant; allowed: °C, °F, K',
    ],
  ]);
});

test("config check tells of a file of the section irc without which the gateway does not start", async () => {
  write("irc: { host: irc.example, tls: { ca: none.pem } }\n");
  const { code, out } = await runVerb(["config", "check"], terminal);
  const path = join(folder, "none.pem");
  expect([code, out.slice(1)]).toEqual([
    0,
    [`warning: irc.tls.ca: reading ${path}: no such file; the gateway does not start without it`],
  ]);
});

test("config check tells of each file of mqtt, nats and webhooks without which the gateway does not start", async () => {
  writeFileSync(join(folder, "open"), "secret", { mode: 0o644 });
  writeFileSync(join(folder, "empty"), "\n", { mode: 0o600 });
  writeFileSync(join(folder, "short"), "whsec_c2hvcnQ=\n", { mode: 0o600 });
  write(
    [
      "mqtt: { url: mqtt://h, user: u, passwordFile: none }",
      "nats: { servers: [nats://h], tokenFile: open }",
      "webhooks:",
      "  - { name: a, url: http://h, secretFile: empty }",
      "  - { name: b, url: http://h, tokenFile: none, enabled: false }",
      "  - { name: c, url: http://h, secretFile: short }",
    ].join("\n"),
  );
  const { code, out } = await check();
  const at = (name: string) => join(folder, name);
  expect([code, out.slice(1)]).toEqual([
    0,
    [
      `warning: mqtt.passwordFile: reading ${at("none")}: no such file; the gateway does not start without it`,
      `warning: nats.tokenFile: reading ${at("open")}: its mode is 0644, so anyone may read it; allowed: 0600, 0640; the gateway does not start without it`,
      `warning: webhooks.0.secretFile: reading ${at("empty")}: it is empty, expected a line; the gateway does not start without it`,
      `warning: webhooks.2.secretFile: reading ${at("short")}: a secret of 5 bytes after whsec_; expected whsec_ and base64 of 24 to 64 bytes; the gateway does not start without it`,
    ],
  ]);
});

test("config check tells of credentials of NATS that are none", async () => {
  writeFileSync(join(folder, "user.creds"), "secret\n", { mode: 0o600 });
  write("nats: { servers: [nats://h], credsFile: user.creds }\n");
  const { code, out } = await check();
  expect([code, ...out.slice(1)]).toEqual([
    0,
    `warning: nats.credsFile: reading ${join(folder, "user.creds")}: it holds no user's JWT with its seed; expected what nsc generates; the gateway does not start without it`,
  ]);
});

test("config check refuses a hub beyond loopback that anyone may kill on, with its line", async () => {
  write("monique:\n  hub:\n    host: 0.0.0.0\n");
  const { code, out, err } = await check();
  expect([code, out]).toEqual([2, []]);
  expect(err[0]).toMatch(
    /^bowline: reading bowline\.yaml:3:11: monique\.hub\.host: listening on 0\.0\.0\.0 .*\[MONIQUE_INSECURE\]/,
  );
  write("monique: { hub: { host: 0.0.0.0, insecure: true } }\n");
  expect(await check()).toMatchObject({ code: 0, err: [] });
  write("monique: { enabled: false, hub: { host: 0.0.0.0 } }\n");
  expect(await check()).toMatchObject({ code: 0, err: [] });
});

test("config check tells of an original config.json that is not there, and of what is wrong in it", async () => {
  write("monique:\n  configFile: config.json\n");
  const missing = await check();
  expect([missing.code, missing.out.length, missing.out[1]]).toEqual([
    0,
    2,
    expect.stringMatching(
      /^warning: bowline\.yaml:2:15: reading monique\.configFile: ENOENT.*; the gateway does not start without it$/,
    ),
  ]);
  writeFileSync(join(folder, "config.json"), '{\n  "params": [],\n  "deploy": 1 }\n');
  const faulty = (await check()).out.slice(1);
  expect(faulty[0]).toMatch(/^warning: reading \S*config\.json:3:13: .*; the gateway does not start so$/);
  expect(faulty.every((line) => line.startsWith("warning: reading "))).toBe(true);
  writeFileSync(join(folder, "config.json"), "{");
  const broken = (await check()).out;
  expect(broken[1]).toMatch(/^warning: reading \S*config\.json:1:2: no JSON/);
});

test("config check asks about a type without its l:, which no board says", async () => {
  write('irc: { host: irc.example, channels: ["#a"], routes: [{ channel: "#a", types: [telemetry] }] }\n');
  const { code, out } = await runVerb(["config", "check"], terminal);
  expect([code, out[1]]).toEqual([
    0,
    expect.stringMatching(/^warning: irc.routes.0.types: telemetry .*l:telemetry\?$/),
  ]);
});

test("config check FILE names every fault with line and column, and ends with 2", async () => {
  writeFileSync(join(folder, "other.yaml"), "http:\n  prot: 80\nlog: { level: loud }\n");
  const { code, out, err } = await runVerb(["config", "check", "other.yaml"], terminal);
  expect([code, out]).toEqual([2, []]);
  expect(err[0]).toMatch(/^bowline: reading other\.yaml:2:3: .*did you mean "port"\?\n/);
  expect(err[0]).toMatch(/\nreading other\.yaml:3:\d+: .*level/);
  expect(err[0]).toContain("mend: npx bowline config schema");
});

test("config check of a file that is not there ends with 3", async () => {
  const { code, err } = await runVerb(["config", "check", "missing.yaml"], terminal);
  expect([code, err[0]]).toEqual([3, expect.stringContaining("[CONFIG_NOT_FOUND]")]);
});

test("config show prints the values in force with their origin, as YAML", async () => {
  write("http: { port: 80 }\n");
  terminal.env = { BOWLINE_LOG_LEVEL: "warn" };
  const { out } = await runVerb(["config", "show", "--set", "tcp.port=0"], terminal);
  const values = parse(out[0]);
  expect([values.http.port, values.log.level, values.tcp.port]).toEqual([80, "warn", 0]);
  expect(out[0]).toMatch(/port: 80 # .*bowline\.yaml:1:/);
  expect(out[0]).toMatch(/level: warn # BOWLINE_LOG_LEVEL/);
  expect(out[0]).toMatch(/port: 0 # --set tcp\.port/);
});

test("config schema prints a JSON Schema with every section", async () => {
  const { out } = await runVerb(["config", "schema"], terminal);
  expect(Object.keys(JSON.parse(out[0]).properties)).toContain("serial");
});
