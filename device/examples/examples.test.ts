/** Each example is built by the product's build and runs on the simulated board, against a real gateway. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SimulatedBoard } from "../../host/simulator/simulated-board.ts";
import { startGateway, type TestGateway } from "../../host/testing/gateway.ts";
import { stopAfterEach } from "../../host/testing/stops.ts";
import { buildDevice } from "../build.mjs";

const toStop = stopAfterEach();

async function run(entry: string): Promise<{ gw: TestGateway; board: SimulatedBoard }> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-example-"));
  toStop.push(() => rm(folder, { recursive: true, force: true }));
  const { outfile } = await buildDevice({ entry, outfile: join(folder, "app.js"), quiet: true });
  const gw = await startGateway();
  toStop.push(() => gw.stop());
  const board = new SimulatedBoard({
    id: "ex-1",
    bundle: outfile,
    transport: { kind: "tcp", host: "127.0.0.1", port: gw.tcpPort },
    config: { interval: 0, grace: 0 },
  });
  board.start();
  toStop.push(() => board.stop());
  await gw.until("hello", () => gw.gateway.devicesView().some((device) => device.connected));
  return { gw, board };
}

const asked = (gw: TestGateway, message: { ot: string; [field: string]: unknown }) =>
  gw.request("ex-1", message).then((answer) => (answer.outcome === "delivered" ? answer.reply : answer));

test("blink blinks, faster when asked, and stops", async () => {
  const { gw, board } = await run("device/examples/blink.ts");
  expect(await asked(gw, { ot: "l:blink", ms: 50 })).toMatchObject({ ms: 50 });
  for (const wanted of [1, 0, 1, 0]) {
    while (board.pins.get("LED1") !== wanted) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await asked(gw, { ot: "l:blink", ms: 0 })).toMatchObject({ ms: 0 });
  expect(board.pins.get("LED1")).toBe(0);
  expect(await asked(gw, { ot: "l:blink", ms: "fast" })).toMatchObject({
    err: "ms: milliseconds, 0 for off",
  });
});

test("thermometer answers at once, and sends by itself", async () => {
  const { gw } = await run("device/examples/thermometer.ts");
  const reply = (await asked(gw, { ot: "l:temp" })) as unknown as { v: number };
  expect(reply.v).toBeGreaterThan(10);
  expect(reply.v).toBeLessThan(40);
  await gw.until("a temperature", () => gw.messages.some((m) => m.message.ot === "l:temp"));
});

test("button sends every press and release", async () => {
  const { gw, board } = await run("device/examples/button.ts");
  const events = () =>
    gw.messages.filter((m) => m.message.ot === "l:button").map((m) => [m.message.v, m.message.presses]);
  for (const [i, level] of [1, 0, 1, 0].entries()) {
    board.pins.set("BTN1", level);
    await gw.until(`edge ${i + 1}`, () => events().length === i + 1);
  }
  expect(events()).toEqual([
    [1, 1],
    [0, 1],
    [1, 2],
    [0, 2],
  ]);
  expect(await asked(gw, { ot: "l:presses" })).toMatchObject({ v: 2 });
});
