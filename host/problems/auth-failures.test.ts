/** Refusals are counted for as long as they are of late, and many of them are a problem of where they were. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startGateway } from "../testing/gateway.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { RecentAuthFailures } from "./auth-failures.ts";

const T0 = 1_795_301_705_000;
const MINUTE_MS = 60_000;
const none = { board: 0, gateway: 0, http: 0, irc: 0, kill: 0 };
const toStop = stopAfterEach();

test("what was counted before the first look is of no known time", () => {
  const recent = new RecentAuthFailures();
  expect(recent.note({ ...none, kill: 1000 }, T0)).toEqual(none);
  expect(recent.note({ ...none, kill: 1003 }, T0 + 2000)).toEqual({ ...none, kill: 3 });
});

test("after ten minutes without one there is none", () => {
  const recent = new RecentAuthFailures();
  recent.note(none, T0);
  for (let s = 2; s <= 60; s += 2) recent.note({ ...none, http: s }, T0 + s * 1000);
  expect(recent.note({ ...none, http: 60 }, T0 + 9 * MINUTE_MS).http).toBe(60);
  // What came within the first half minute is not of the last ten minutes any more.
  expect(recent.note({ ...none, http: 60 }, T0 + 10.25 * MINUTE_MS).http).toBe(30);
  expect(recent.note({ ...none, http: 60 }, T0 + 11 * MINUTE_MS + 1).http).toBe(0);
});

test("a clock that is put back makes no refusals", () => {
  const recent = new RecentAuthFailures();
  recent.note(none, T0);
  expect(recent.note({ ...none, http: 50 }, T0 - 60 * MINUTE_MS)).toEqual(none);
});

test("a gateway whose key or token somebody guesses says where", async () => {
  const gw = await startGateway();
  toStop.push(() => gw.stop());
  const told = () =>
    gw.gateway.problems.view().problems.map(({ code, subject, what }) => [code, subject.name, what]);
  const { tallies } = gw.gateway;
  tallies.boards.authFailures += 20;
  tallies.http.authFailures += 19;
  gw.gateway.problems.attend()();
  expect(told()).toEqual([
    ["AUTH_FAILURES", "board", "refused 20 times within 10 min: boards that have no key, or a wrong one"],
  ]);
});

test("a gateway whose keys cannot be read says so, and goes on", async () => {
  const data = mkdtempSync(join(tmpdir(), "bowline-keys-fault-"));
  toStop.push(() => rmSync(data, { recursive: true }));
  const gw = await startGateway([`data=${data}`]);
  toStop.push(() => gw.stop());
  const told = () => gw.gateway.problems.view().problems.map(({ code, mend }) => [code, mend]);
  const leave = gw.gateway.problems.attend();
  expect(told()).toEqual([]);
  // No folder: as unreadable to root as to anybody.
  writeFileSync(join(data, "peer-keys"), "");
  leave();
  gw.gateway.problems.attend()();
  expect(told()).toEqual([["KEYS_FAULT", `ls -ld ${join(data, "peer-keys")}`]]);
});
