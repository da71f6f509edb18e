import { describe, expect, it } from "vitest";
import { readEnvironment, readSetOptions, reservedVariables, variableName } from "./overrides.ts";
import { settings } from "./settings.ts";

const values = ({ overrides }: ReturnType<typeof readSetOptions>) =>
  overrides.map(({ path, value }) => [path.join("."), value]);
const texts = ({ faults }: ReturnType<typeof readSetOptions>) =>
  faults.map(({ place, text }) => `${place}: ${text}`);

describe("readEnvironment()", () => {
  it("maps variables to keys, letter case aside", () => {
    const read = readEnvironment({
      BOWLINE_HTTP_PORT: "80",
      BOWLINE_SESSION_EXPIRES: "9",
      BOWLINE_DATA: "/x",
    });
    expect(values(read)).toEqual([
      ["data", "/x"],
      ["http.port", 80],
      ["session.expireS", 9],
    ]);
  });

  it("takes list positions in their order, 10 after 9", () => {
    const env = Object.fromEntries([10, 9, 0].map((i) => [`BOWLINE_SERIAL_${i}_PATH`, `p${i}`]));
    expect(values(readEnvironment(env))).toEqual([
      ["serial.0.path", "p0"],
      ["serial.9.path", "p9"],
      ["serial.10.path", "p10"],
    ]);
  });

  it("leaves other variables and the reserved ones alone", () => {
    expect(reservedVariables).toEqual(expect.arrayContaining(["BOWLINE_CONFIG", "BOWLINE_TOKEN"]));
    const read = readEnvironment({
      PATH: "/bin",
      HTTP_PORT: "1",
      BOWLINE_CONFIG: "f",
      BOWLINE_TOKEN: "t",
      BOWLINE_PORT: "p",
      BOWLINE_WIFI_PASSWORD: "w",
    });
    expect(read).toEqual({ overrides: [], faults: [] });
  });

  it("refuses nesting that would exhaust the stack", () => {
    expect(texts(readSetOptions([`http.port=${"[".repeat(100_000)}`]))[0]).toMatch(
      /^--set http.port: http.port: expected one value/,
    );
  });

  it("suggests a variable for one it does not know", () => {
    expect(readEnvironment({ BOWLINE_HTTP_PROT: "1" }).faults).toEqual([
      {
        code: "CONFIG_UNKNOWN_KEY",
        place: "BOWLINE_HTTP_PROT",
        text: "no setting has this variable; did you mean BOWLINE_HTTP_PORT?",
      },
    ]);
  });

  it("suggests nothing when nothing is near", () => {
    expect(texts(readEnvironment({ BOWLINE_XYZ_COLOUR_SPACE: "1" }))).toEqual([
      "BOWLINE_XYZ_COLOUR_SPACE: no setting has this variable",
    ]);
  });

  it("has a variable for every setting", () => {
    for (const { path, node } of settings) {
      const name = variableName(path);
      expect(values(readEnvironment({ [name]: String(node.default ?? "x") })), name).toEqual([
        [path.join(".").replaceAll("*", "0").replace("<name>", "name"), node.default ?? "x"],
      ]);
    }
  });

  it("takes what is behind the keys for a name, where a section holds names", () => {
    expect(values(readEnvironment({ BOWLINE_MONIQUE_CONTROLLER_EXAMPLE_CLOCK: "10000" }))).toEqual([
      ["monique.controller.example_clock", 10_000],
    ]);
  });
});

describe("readSetOptions()", () => {
  it("reads values as YAML scalars", () => {
    expect(
      values(readSetOptions(["http.port=80", "http.enabled=false", "demo.boards=", "log.level='warn'"])),
    ).toEqual([
      ["http.port", 80],
      ["http.enabled", false],
      ["demo.boards", null],
      ["log.level", "warn"],
    ]);
  });

  it.each([
    ["42", "42"],
    ['"42"', "42"],
    ["#1", "#1"],
    ["a: b", "a: b"],
    ["x=y", "x=y"],
    ["", ""],
  ])("takes %j as text where the key takes text", (given, value) => {
    expect(values(readSetOptions([`gateway.hostId=${given}`]))).toEqual([["gateway.hostId", value]]);
  });

  it("takes list positions", () => {
    expect(values(readSetOptions(["serial.0.path=COM3", "serial.01.baud=300"]))).toEqual([
      ["serial.0.path", "COM3"],
      ["serial.1.baud", 300],
    ]);
  });

  it.each([
    ["http.port", '--set http.port: no "=" in it; write --set http.port=9080'],
    [
      "http.prt=1",
      '--set http.prt: unknown key "prt" in http; allowed: enabled, host, port; did you mean "port"?',
    ],
    [
      "htpp.port=1",
      '--set htpp.port: unknown key "htpp"; allowed: gateway, data, serial, tcp, http, session, store, history, demo, log, peers, irc, monique, webhooks, nats, mqtt; did you mean "http"?',
    ],
    [
      "http.constructor=1",
      '--set http.constructor: unknown key "constructor" in http; allowed: enabled, host, port',
    ],
    [
      "monique.controller=1",
      "--set monique.controller: monique.controller: is a section of names, each with a whole number from 0 to 65535; set one of its keys",
    ],
    ["http=1", "--set http: http: is a section with enabled, host, port; set one of its keys"],
    ["http.port.x=1", "--set http.port.x: http.port is a whole number from 0 to 65535, no section"],
    ["serial.path=x", "--set serial.path: serial is a list; write serial.0"],
    ["tcp.port=[1]", '--set tcp.port: tcp.port: expected one value, got "[1]"; put it in quotes'],
    ["tcp.port=[1", '--set tcp.port: tcp.port: expected one value, got "[1"; put it in quotes'],
    ['tcp.port="1', '--set tcp.port: tcp.port: expected one value, got "\\"1"; put it in quotes'],
  ])("refuses %s", (option, text) => {
    const read = readSetOptions([option]);
    expect(texts(read)).toEqual([text]);
    expect(read.overrides).toEqual([]);
  });
});
