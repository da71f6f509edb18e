/** What the channel of the audit is told, and when: behind the answers, and once. */
import { expect, test } from "vitest";
import { silentLog } from "../platform/log.ts";
import { Audit } from "./audit.ts";

const one = { network: "n", nick: "ann", channel: "#lab", who: "ann", device: "sim-1", ot: "l:led" };

function make() {
  const logged: string[] = [];
  const told: string[] = [];
  const log = { ...silentLog, info: (_fields: object, text: string) => logged.push(text) };
  const audit = new Audit(log, { now: () => 0, wall: () => 0 }, (line) => told.push(line));
  return { audit, logged, told };
}

test("an accepted request is in the log twice, and in the channel once, when who asked has been answered", () => {
  const { audit, logged, told } = make();
  audit.accepted(one);
  const tell = audit.ended(one, "delivered");
  expect([logged, told]).toEqual([["IRC command accepted", "IRC command delivered"], []]);
  tell();
  expect(told).toEqual(["audit: ann (ann, #lab): l:led to sim-1: delivered"]);
});

test("a refusal is told behind what is said to who is refused", async () => {
  const { audit, told } = make();
  audit.refused({ ...one, who: null }, "NOT_PROVED");
  await Promise.resolve();
  expect(told).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["audit: nobody known (ann, #lab): l:led to sim-1: refused: NOT_PROVED"]);
});

test("whatever strangers call a board and a type, a line of the log is short", () => {
  const logged: object[] = [];
  const log = { ...silentLog, info: (fields: object) => logged.push(fields) };
  const audit = new Audit(log, { now: () => 0, wall: () => 0 }, null);
  const long = "x".repeat(1_000_000);
  audit.refused({ ...one, who: null, device: long, ot: long }, "NOT_PROVED");
  audit.refused({ ...one, device: "x".repeat(128) }, "NOT_ALLOWED");
  expect(logged).toMatchObject([
    { asked: `${"x".repeat(127)}…`, ot: `${"x".repeat(127)}…` },
    { asked: "x".repeat(128), ot: "l:led" },
  ]);
});

test("a line is about the board once it may be asked, and else about the network: strangers name boards without end", () => {
  const logged: object[] = [];
  const log = { ...silentLog, info: (fields: object) => logged.push(fields) };
  const audit = new Audit(log, { now: () => 0, wall: () => 0 }, null);
  audit.refused({ ...one, who: null }, "NOT_PROVED");
  audit.accepted(one);
  audit.ended(one, "delivered");
  expect(logged.map((fields) => "device" in fields)).toEqual([false, true, true]);
});
