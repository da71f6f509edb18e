import { describe, expect, it } from "vitest";
import type { Place } from "./places.ts";
import { configSchema } from "./schema.ts";
import { gatewayIdOf, isVoid, settle } from "./settle.ts";

const where = { cwd: "/cwd", home: "/home/me", folder: "/etc/bowline", hostname: "pi kitchen" };
const place = (kind: Place["kind"]): Place => ({ kind, key: "", value: "" });
const settled = (value: unknown, written: [string, Place["kind"]][] = []) =>
  settle(configSchema.parse(value), new Map(written.map(([path, kind]) => [path, place(kind)])), where);

describe("settle()", () => {
  it("names the gateway after the machine, unless it has a name", () => {
    expect(settled({}).gateway.id).toBe("pi-kitchen");
    expect(settled({ gateway: { id: "attic" } }).gateway.id).toBe("attic");
  });

  it.each([
    ["file", "./data", "/etc/bowline/data"],
    ["file", "../data", "/etc/data"],
    ["file", "/srv/data", "/srv/data"],
    ["file", "~/data", "/home/me/data"],
    ["file", "memory", "memory"],
    ["env", "./data", "/cwd/data"],
    ["set", "data", "/cwd/data"],
  ] as const)("resolves data from %s %s to %s", (kind, data, expected) => {
    expect(settled({ data }, [["data", kind]]).data).toBe(expected);
  });

  it("counts the default folder from the current directory", () => {
    expect(settled({}).data).toBe("/cwd/data");
  });

  it("resolves ports that are paths, and leaves names to the system", () => {
    const serial = ["./tty", "/dev/ttyACM0", "COM3", "~/tty"].map((path) => ({ path }));
    const config = settled({ serial }, [["serial.0.path", "file"]]);
    expect(config.serial.map(({ path }) => path)).toEqual([
      "/etc/bowline/tty",
      "/dev/ttyACM0",
      "COM3",
      "/home/me/tty",
    ]);
  });

  it("gives a disabled section its defaults, silence for the log, no simulated boards", () => {
    const config = settled({
      gateway: { enabled: false, id: "x" },
      session: { enabled: false, expireS: 9 },
      store: { enabled: false, maxMessages: 9 },
      demo: { enabled: false, boards: 9 },
      log: { enabled: false, level: "debug" },
    });
    expect(config.gateway).toEqual({ enabled: false, id: "pi-kitchen" });
    expect(config.session.expireS).toBe(255);
    expect(config.store.maxMessages).toBe(1_000_000);
    expect(config.demo.boards).toBe(0);
    expect(config.log.level).toBe("silent");
  });

  it("finds the keys of schemes from where they are written", () => {
    const legacy = { aesKeyFile: "./aes", rsaKeyFile: "~/rsa" };
    const { irc } = settled({ irc: { sealingKeyFile: "seal", legacy } }, [
      ["irc.sealingKeyFile", "file"],
      ["irc.legacy.aesKeyFile", "file"],
    ]);
    expect([irc.sealingKeyFile, irc.legacy.aesKeyFile, irc.legacy.rsaKeyFile]).toEqual([
      "/etc/bowline/seal",
      "/etc/bowline/aes",
      "/home/me/rsa",
    ]);
  });

  it("takes the files of nats from where they are written as well", () => {
    const servers = ["tls://nats-1"];
    const { nats } = settled({ nats: { servers, user: "u", passwordFile: "p", tls: { ca: "~/ca.pem" } } }, [
      ["nats.passwordFile", "file"],
    ]);
    expect([nats.passwordFile, nats.tls.ca]).toEqual(["/etc/bowline/p", "/home/me/ca.pem"]);
    expect(settled({ nats: { servers, credsFile: "/c" } }, []).nats.credsFile).toBe("/c");
  });

  it("finds the files of the hub from where they are written", () => {
    const tls = { cert: "hub.pem", key: "~/hub.key", ca: "/etc/ca.pem" };
    const { monique } = settled({ monique: { configFile: "../config.json", hub: { tls } } }, [
      ["monique.configFile", "file"],
      ["monique.hub.tls.cert", "file"],
    ]);
    expect(monique.configFile).toBe("/etc/config.json");
    expect(monique.hub.tls).toEqual({
      ...{ enabled: true, cert: "/etc/bowline/hub.pem" },
      ...{ key: "/home/me/hub.key", ca: "/etc/ca.pem" },
    });
  });

  it("keeps the settings of disabled parts that run", () => {
    const config = settled({ http: { enabled: false, port: 9 }, serial: [{ path: "COM3", enabled: false }] });
    expect(config.http).toEqual({ enabled: false, host: "127.0.0.1", port: 9 });
    expect(config.serial).toHaveLength(1);
  });
});

describe("gatewayIdOf()", () => {
  it.each([
    ["pi-kitchen.local", "pi-kitchen.local"],
    ["Rob's Mac", "Rob-s-Mac"],
    ["-._x", "x"],
    ["küche", "k-che"],
    ["", "gateway"],
    ["☃", "gateway"],
    ["a".repeat(70), "a".repeat(64)],
  ])("makes %j to %j", (hostname, id) => {
    expect(gatewayIdOf(hostname)).toBe(id);
    expect(configSchema.safeParse({ gateway: { id } }).success).toBe(true);
  });
});

describe("isVoid()", () => {
  it("is true below a disabled section that falls back, save for enabled itself", () => {
    const config = settled({ session: { enabled: false }, http: { enabled: false } });
    expect(
      ["session.expireS", "session.enabled", "http.port", "log.level"].map((p) => isVoid(config, p)),
    ).toEqual([true, false, false, false]);
  });
});
