import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { ExitCode } from "../platform/errors.ts";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { hubPlaces, hubSettings } from "./hub-settings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-hub-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const of = (monique: object) => {
  const { gateway, ...rest } = configSchema.parse({ monique });
  return hubSettings({ ...rest, gateway: { ...gateway, id: "gw" } });
};

test("the configuration is what the hub is started with", () => {
  const controller = { example_clock: 10_000, example_bank: 0 };
  expect(
    of({ controller, patienceS: { example_bank: 5 }, rhythmMs: { a_b: 100 }, hub: { allow: ["a_b"] } }),
  ).toEqual({
    ...{ creator: "gw", listens: true, host: "127.0.0.1", tls: null, maxMessageBytes: 4_194_304 },
    ...{ com: { in: 9000, out: 9001 }, tech: { in: 9024, out: 9025 }, allow: ["a_b"] },
    controller: [
      { spec: "example_clock", port: 10_000, patienceMs: 300_000 },
      { spec: "example_bank", port: 0, patienceMs: 5000 },
    ],
    frequenciesMs: { a_b: 100 },
  });
});

test("an original config.json says ports, specs and workers instead", () => {
  const file = join(folder, "config.json");
  const sides = { "scheduler-in": { comport: 1, techport: 2 }, "scheduler-out": { comport: 3, techport: 4 } };
  const params = {
    "scheduler-logic": { "allow-messages": ["example_clock"] },
    mq_controller: { connections: { example_clock: 5 } },
  };
  writeFileSync(file, JSON.stringify({ deploy: { monique: sides }, params }));
  expect(of({ configFile: file, patienceS: { example_clock: 9 } })).toMatchObject({
    ...{ host: "127.0.0.1", com: { in: 1, out: 3 }, tech: { in: 2, out: 4 }, allow: ["example_clock"] },
    controller: [{ spec: "example_clock", port: 5, patienceMs: 9000 }],
  });
  expect(() => of({ configFile: join(folder, "none.json") })).toThrow(/^reading monique\.configFile: ENOENT/);
});

test.skipIf(!isOpensslAvailable)(
  "beyond loopback it is not started unless who kills is known, or nobody cares",
  () => {
    const host = "0.0.0.0";
    expect(() => of({ hub: { host } })).toThrow(
      expect.objectContaining({ code: "MONIQUE_INSECURE", exitCode: 2 }),
    );
    expect(of({ hub: { host, insecure: true } })).toMatchObject({ host });
    expect(of({ hub: { host, enabled: false } })).toMatchObject({ listens: false });
    const authority = new Authority(folder, "ca");
    const own = authority.sign("gw");
    expect(() => of({ hub: { host, tls: own } })).toThrow(
      expect.objectContaining({ code: "MONIQUE_INSECURE" }),
    );
    expect(of({ hub: { host, tls: { ...own, ca: authority.cert } } }).tls).toMatchObject({
      ca: expect.stringContaining("BEGIN CERTIFICATE"),
    });
  },
);

test("each port it will have is known with its setting, and none while it has none", () => {
  const places = hubPlaces(of({ hub: { com: { in: 1, out: 2 } }, controller: { a_b: 3 } }));
  expect(places.map(({ setting, port }) => [setting, port])).toEqual([
    ["monique.hub.com.in", 1],
    ["monique.hub.com.out", 2],
    ["monique.hub.tech.in", 9024],
    ["monique.hub.tech.out", 9025],
    ["monique.controller.a_b", 3],
  ]);
  expect(hubPlaces(of({ hub: { enabled: false } }))).toEqual([]);
});

test("an original file that cannot be read is told from one that is not there", () => {
  const failed = (configFile: string) => {
    try {
      return of({ configFile });
    } catch (error) {
      return error;
    }
  };
  const code = "CONFIG_UNREADABLE";
  const missing = join(folder, "none.json");
  expect(failed(missing)).toMatchObject({ code, exitCode: ExitCode.notFound, mend: `ls -l ${missing}` });
  expect(failed(folder)).toMatchObject({ code, exitCode: ExitCode.permission, mend: `ls -l ${folder}` });
});
