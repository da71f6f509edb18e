import { expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { openTestStore } from "../testing/stores.ts";
import { ReservedIds } from "./reserved-ids.ts";

test("no number comes again after a restart, however many were used and whatever was not written", async () => {
  const store = await openTestStore();
  let above = { mid: 0, oid: 0, did: 0 };
  for (let life = 0; life < 5; life++) {
    const ids = new ReservedIds("lab", store);
    const counters = await ids.begin(() => 0.25);
    for (const name of ["mid", "oid", "did"] as const)
      expect(counters[name]).toBeGreaterThanOrEqual(above[name]);
    for (let i = 0; i < 400; i++) {
      counters.mid++;
      if (i % 3 === 0) counters.oid++;
      if (i % 7 === 0) counters.did++;
      ids.look(counters);
    }
    await until(async () => {
      const [[, reserved]] = await store.records<typeof counters>("ic/lab");
      return reserved.mid > counters.mid && reserved.oid > counters.oid && reserved.did > counters.did;
    });
    above = { ...counters };
  }
});

test("a network whose name begins alike has numbers of its own", async () => {
  const store = await openTestStore();
  await new ReservedIds("lab2", store).begin(() => 0.9);
  expect((await new ReservedIds("lab", store).begin(() => 0)).mid).toBe(10_000);
});
