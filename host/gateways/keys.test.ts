/** Keys of other gateways that are taken or changed while sessions stand, and dialling one of several. */
import { expect, test } from "vitest";
import { stopAfterEach } from "../testing/stops.ts";
import { TestGateways } from "./testing/test-gateways.ts";

const stops = stopAfterEach();
const KEY = Buffer.alloc(32, 3).toString("base64");
const OTHER = Buffer.alloc(32, 4).toString("base64");

async function started(one: TestGateways): Promise<TestGateways> {
  stops.push(() => one.gateways.stop());
  await one.gateways.start();
  return one;
}

/** 7 listens, and 5 dials it; both have the same key. */
async function couple() {
  const seven = new TestGateways(7n, { listen: { port: 0 }, connect: [{ id: "5", name: "low" }] });
  seven.keys.put("5", KEY, "the test");
  await started(seven);
  const high = { id: "7", name: "high", host: "127.0.0.1", port: seven.port };
  // Nobody listens at port 9: 8 is dialled in vain.
  const eight = { id: "8", name: "nobody", host: "127.0.0.1", port: 9 };
  const five = new TestGateways(5n, { listen: { port: 0, enabled: false }, connect: [high, eight] });
  five.keys.put("7", KEY, "the test");
  await started(five);
  await seven.until("both know each other", () => seven.gateways.view()[0].state === "open");
  await five.until("so does five", () => stateOf(five, "7") === "open");
  return { five, seven };
}
const stateOf = ({ gateways }: TestGateways, id: string) =>
  gateways.view().find((view) => view.id === id)?.state;

test("a key that is taken, by name or by number, ends the sessions of its gateway, and is not there a second time", async () => {
  for (const name of ["low", "5"]) {
    const { five, seven } = await couple();
    expect(seven.gateways.revokeKey(name)).toBe(1);
    expect(seven.keys.get("5")).toBeUndefined();
    expect(seven.gateways.revokeKey(name)).toBeNull();
    // It goes on believing only who proves the key.
    await five.until("it is told", () =>
      five.lines.some((line) => line.endsWith("7 does not prove its key: it has none for us")),
    );
    expect(stateOf(five, "7")).not.toBe("open");
  }
});

test("a key of nobody that is configured is taken as well: no session ends", async () => {
  const { seven } = await couple();
  seven.keys.put("42", KEY, "the test");
  expect(seven.gateways.revokeKey("42")).toBe(0);
  expect([seven.gateways.revokeKey("42"), seven.gateways.revokeKey("nobody")]).toEqual([null, null]);
  expect(stateOf(seven, "5")).toBe("open");
});

test("a key that was changed ends the sessions, at whichever end, until the other has it, too", async () => {
  const { five, seven } = await couple();
  five.keys.put("7", OTHER, "the test");
  expect([five.gateways.keyChanged(7n), five.gateways.keyChanged(8n)]).toEqual([1, 0]);
  seven.keys.put("5", OTHER, "the test");
  five.gateways.dialNow(7n);
  await five.until("they know each other again", () => stateOf(five, "7") === "open");
});

test("dialling now is of the one that is named", async () => {
  const { five } = await couple();
  expect(stateOf(five, "8")).not.toBe("open");
  five.gateways.dialNow(7n);
  five.gateways.dialNow(8n);
  five.gateways.dialNow();
  expect([stateOf(five, "7"), stateOf(five, "8") === "open"]).toEqual(["open", false]);
});
