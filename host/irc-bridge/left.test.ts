/** What earlier gateways kept: what is for nobody any more is withdrawn, the rest goes on behind its number. */
import { expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { openTestStore } from "../testing/stores.ts";
import { formatOrder, readLeft } from "./left.ts";

test("lines, answers and cursors of routes and networks that are gone are withdrawn", async () => {
  const store = await openTestStore();
  const [first, last] = [formatOrder(7), formatOrder(0x1f)];
  const stays = [`ia/lab/${first}`, `io/r1/${first}`, `io/to.lab/${last}`, "ir/r1"];
  const gone = [`ia/home/${first}`, `io/r2/${first}`, `io/to.home/${first}`, "ir/r2"];
  const changes = [...stays, ...gone].map((key) => ({ key, value: { key } }));
  await new Promise<void>((onCommitted, onFailed) => store.put(changes, { onCommitted, onFailed }));
  const { left, order } = await readLeft(store, [{ id: "r1" }], [{ name: "lab" }]);
  expect([order, left.routes.get("r1")]).toEqual([0x1f, { key: "ir/r1" }]);
  const keys = async () => {
    const all = await Promise.all(["ia/", "io/", "ir/"].map((prefix) => store.records(prefix)));
    return all.flat().map(([key]) => key);
  };
  // With what is written next.
  await new Promise<void>((onCommitted) => store.keep([{ key: "x", value: {} }], onCommitted));
  await until(async () => (await keys()).length === stays.length);
  expect(await keys()).toEqual(stays);
});

test("of nothing that was kept nothing is left, and the first order is the first", async () => {
  const { left, order } = await readLeft(await openTestStore(), [], []);
  expect([left, order]).toEqual([{ lines: [], answers: [], routes: new Map() }, 0]);
});
