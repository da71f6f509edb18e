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
