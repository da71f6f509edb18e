import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "./faults.ts";
import { type LoadOptions, loadConfig } from "./load.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-load-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (options: LoadOptions = {}) =>
  loadConfig({ env: {}, cwd, home: cwd, hostname: "host", ...options });

function loadText(text: string, options: LoadOptions = {}, name = "bowline.yaml") {
  writeFileSync(join(cwd, name), text);
  return load({ config: name, ...options });
}

function refusal(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("expected a ConfigError, nothing was thrown");
}

describe("loadConfig() without a file", () => {
  it("gives the defaults and says so", () => {
    const { config, source, origins } = load();
    expect(source).toBe("defaults");
    expect(config.http).toEqual({ enabled: true, host: "127.0.0.1", port: 9080 });
    expect(config.gateway.id).toBe("host");
    expect(config.data).toBe(join(cwd, "data"));
    expect([...origins]).toEqual([]);
  });

  it("takes everything from this process when nothing is passed", () => {
    expect(loadConfig({ env: {}, home: cwd, cwd }).config.gateway.id).not.toBe("");
  });
});

describe("loadConfig() with a file", () => {
  it("reads the example of interface.md, less the sections of later releases", () => {
    const text = `
gateway: { id: pi-kitchen, hostId: "42" }
data: ./data
serial:
  - { path: /dev/serial/by-id/usb-x-if00, baud: 115200, resetOnOpen: never, syncIntervalMaxMs: 2000 }
tcp: { host: 127.0.0.1, port: 7700 }
http: { host: 127.0.0.1, port: 9080 }
session: { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65536 }
log: { level: info }
`;
    const { config, source } = loadText(text);
    expect(source).toBe(join(cwd, "bowline.yaml"));
    expect(config.gateway).toEqual({ enabled: true, id: "pi-kitchen", hostId: "42" });
    expect(config.serial[0]?.path).toBe("/dev/serial/by-id/usb-x-if00");
  });

  it("reads JSON", () => {
    expect(loadText('{"http": {"port": 81}}', {}, "bowline.json").config.http.port).toBe(81);
  });

  it("takes empty files and empty sections for the defaults", () => {
    expect(loadText("").config.http.port).toBe(9080);
    expect(loadText("http:\n  # port: 1\nserial:\n").config.serial).toEqual([]);
  });

  it("lets the environment win over the file, and --set over both", () => {
    const text = "http: { port: 1, host: localhost }\ntcp: { port: 1 }\nlog: { level: warn }\n";
    const env = { BOWLINE_HTTP_PORT: "2", BOWLINE_TCP_PORT: "2" };
    const { config, origins } = loadText(text, { env, set: ["http.port=3", "http.port=4"] });
    expect([config.http.port, config.tcp.port, config.log.level]).toEqual([4, 2, "warn"]);
    expect(origins.get("http.port")).toBe("--set http.port");
    expect(origins.get("tcp.port")).toBe("BOWLINE_TCP_PORT");
    expect(origins.get("log.level")).toBe("bowline.yaml:3:15");
    expect(origins.get("session.expireS")).toBeUndefined();
  });

  it("finds the file that $BOWLINE_CONFIG names", () => {
    writeFileSync(join(cwd, "other.yaml"), "http: { port: 5 }");
    expect(load({ env: { BOWLINE_CONFIG: "other.yaml" } }).config.http.port).toBe(5);
  });

  it("counts folders of the file from the file, others from the current directory", () => {
    mkdirSync(join(cwd, "etc"));
    const set = ["serial.0.path=./tty"];
    const { config } = loadText("data: ./data", { set }, "etc/bowline.yaml");
    expect([config.data, config.serial[0]?.path]).toEqual([join(cwd, "etc/data"), join(cwd, "tty")]);
  });

  it("adds boards from the environment to those of the file", () => {
    const env = { BOWLINE_SERIAL_1_PATH: "COM4", BOWLINE_SERIAL_0_BAUD: "9600" };
    const { serial } = loadText("serial:\n  - path: COM3\n", { env }).config;
    expect(serial.map(({ path, baud }) => [path, baud])).toEqual([
      ["COM3", 9600],
      ["COM4", 115200],
    ]);
  });

  it("forgets where a value came from that its section made void", () => {
    const { origins } = loadText("session: { enabled: false, expireS: 9 }\n");
    expect([origins.has("session.enabled"), origins.has("session.expireS")]).toEqual([true, false]);
  });
});

describe("loadConfig() refuses", () => {
  it("all faults at once, one a line, in the order of their places", () => {
    const text = [
      "http: { prot: 1, port: 70000 }",
      "mqtt: { url: u, user: 7 }",
      "tcp:",
      "  port: 70000",
      "x: 1",
    ].join("\n");
    const error = refusal(() => loadText(text, { env: { BOWLINE_NO: "1" }, set: ["log.level=loud"] }));
    expect(error.message.split("\n").map((line) => line.slice(0, line.indexOf(": ")))).toEqual([
      "reading --set log.level",
      "reading BOWLINE_NO",
      "reading bowline.yaml:1:9",
      "reading bowline.yaml:1:24",
      "reading bowline.yaml:2:14",
      "reading bowline.yaml:2:23",
      "reading bowline.yaml:4:9",
      "reading bowline.yaml:5:1",
    ]);
    expect(error.faults).toHaveLength(8);
  });

  it("text that is no YAML, before anything else", () => {
    const error = refusal(() => loadText("a: 1\na: 2\n", { env: { BOWLINE_NO: "1" } }));
    expect(error.message).toBe("reading bowline.yaml:2:1: Map keys must be unique");
    expect(error).toMatchObject({ code: "CONFIG_SYNTAX", exitCode: 2, name: "BowlineError" });
  });

  it("values of variables and options, named as such", () => {
    expect(refusal(() => load({ env: { BOWLINE_HTTP_PORT: "x" } })).message).toBe(
      'reading BOWLINE_HTTP_PORT: http.port: expected a whole number from 0 to 65535, got "x"',
    );
    expect(refusal(() => load({ set: ["serial.0.baud=300"] })).message).toBe(
      "reading --set serial.0.baud: serial.0.path: missing; expected text",
    );
    const env = { BOWLINE_SESSION_SYNCINTERVALMAXMS: "10" };
    expect(refusal(() => loadText("session: { syncIntervalMinMs: 11 }", { env })).message).toContain(
      "reading BOWLINE_SESSION_SYNCINTERVALMAXMS: session.syncIntervalMinMs",
    );
  });

  it("keys and positions of options that there are none of", () => {
    expect(refusal(() => load({ set: ["http.prot=1"] })).code).toBe("CONFIG_UNKNOWN_KEY");
    expect(refusal(() => load({ set: ["serial.1.path=COM3"] })).message).toBe(
      "reading --set serial.1.path: serial.1: serial has 0 entries; the next one is serial.0",
    );
  });
});
