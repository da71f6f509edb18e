import { expect, test } from "vitest";
import { configSchema } from "./schema.ts";

function faults(monique: unknown): string[] {
  return (configSchema.safeParse({ monique }).error?.issues ?? []).map((issue) => issue.message);
}

test("a port is used once, by hub, workers or monitoring; any free one as often as wanted", () => {
  expect(faults({ hub: { com: { in: 0, out: 0 } }, controller: { a_b: 0, a_c: 0 } })).toEqual([]);
  expect(faults({ hub: { com: { out: 9024 } } })).toEqual([
    "monique.hub.tech.in: 9024 is the port of monique.hub.com.out already",
  ]);
  expect(faults({ controller: { a_b: 10_000, a_c: 9001, a_d: 10_000 } })).toEqual([
    "monique.controller.a_c: 9001 is the port of monique.hub.com.out already",
    "monique.controller.a_d: 10000 is the port of monique.controller.a_b already",
  ]);
  expect(faults({ rest: { enabled: true, port: 9000 } })).toEqual([
    "monique.rest.port: 9000 is the port of monique.hub.com.in already",
  ]);
});

test("ports of what is not started count for nothing", () => {
  const both = { hub: { com: { in: 1, out: 1 } }, rest: { port: 9000 } };
  expect(faults({ ...both, enabled: false })).toEqual([]);
  expect(faults({ ...both, hub: { ...both.hub, enabled: false } })).toEqual([]);
});

test("workers and specs stand here or in the original's file", () => {
  const here = { controller: { a_b: 1 }, hub: { allow: ["a_b"] } };
  expect(faults({ configFile: "config.json" })).toEqual([]);
  expect(faults({ configFile: "config.json", ...here })).toEqual([
    "monique.controller: stands in monique.configFile; allowed: one of the two",
    "monique.hub.allow: stands in monique.configFile; allowed: one of the two",
  ]);
});

test("patience is for a spec that has workers, which the original's file may name", () => {
  expect(faults({ controller: { a_b: 1 }, patienceS: { a_b: 9 } })).toEqual([]);
  expect(faults({ configFile: "config.json", patienceS: { a_c: 9 } })).toEqual([]);
  expect(faults({ controller: { a_b: 1 }, patienceS: { a_c: 9 } })).toEqual([
    "monique.patienceS.a_c: is none of monique.controller; allowed: a_b",
  ]);
  expect(faults({ patienceS: { a_c: 9 } })).toEqual([
    "monique.patienceS.a_c: has no port in monique.controller, which names no spec at all; allowed: one that it names",
  ]);
});

test("monitoring without a token stays on loopback", () => {
  expect(faults({ rest: { enabled: true, host: "::1" } })).toEqual([]);
  expect(faults({ rest: { enabled: false, host: "0.0.0.0" } })).toEqual([]);
  expect(faults({ rest: { enabled: true, host: "0.0.0.0" } })[0]).toMatch(
    /^monique\.rest\.host: 0\.0\.0\.0 is beyond loopback, .*; allowed: an address of loopback$/,
  );
});
