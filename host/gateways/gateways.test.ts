/** Two gateways on loopback, each with its own listener and dialler, over real sockets. */
import { expect, test } from "vitest";
import { stopAfterEach } from "../testing/stops.ts";
import { TestGateways } from "./testing/test-gateways.ts";

const stops = stopAfterEach();

async function started(one: TestGateways): Promise<TestGateways> {
  stops.push(() => one.gateways.stop());
  await one.gateways.start();
  return one;
}

/** 7 listens, and 5, the lower, dials it. */
async function couple(options: { five?: object; seven?: object } = {}) {
  const seven = new TestGateways(7n, {
    listen: { port: 0 },
    connect: [{ id: "5", name: "low", ...options.seven }],
  });
  await started(seven);
  const five = new TestGateways(5n, {
    listen: { port: 0, enabled: false },
    connect: [{ id: "7", name: "high", host: "127.0.0.1", port: seven.port, ...options.five }],
  });
  return { five, seven };
}

test("two gateways find each other, and frames travel both ways, once and in order", async () => {
  const { five, seven } = await couple();
  await started(five);
  await five.until("introduced", () => five.peer(7).session !== null);
  for (let i = 0; i < 50; i++) five.peer(7).send(`to seven ${i}`);
  await seven.until("all there", () => seven.peer(5).got.length === 50);
  seven.peer(5).send("to five");
  await five.until("there", () => five.peer(7).got.length === 1);
  expect(seven.peer(5).got).toEqual(Array.from({ length: 50 }, (_, i) => `to seven ${i}`));
  expect([five.peer(7).told, seven.peer(5).told]).toEqual([["welcome, dialled"], ["welcome, listened"]]);
  const { said } = five.peer(7).sessions[0].introduced;
  expect([said.hostId, said.name, said.epoch, said.haveEpoch]).toEqual([7n, "gw-7", 7000n, 5000n]);
});
