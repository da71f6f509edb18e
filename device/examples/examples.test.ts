/** Each example is built as its author builds it, and runs against a real gateway: simulated, and where one is given, real. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { SimulatedBoard } from "../../host/simulator/simulated-board.ts";
import { startGateway, type TestGateway } from "../../host/testing/gateway.ts";
import { Interpreter, interpreters, placeFor } from "../../host/testing/interpreter.ts";
import { stopAfterEach } from "../../host/testing/stops.ts";
import { buildDevice } from "../build.mjs";

const toStop = stopAfterEach();

interface Running {
  gw: TestGateway;
  /** Power off and on. */
  restart(): unknown;
  /** Of the simulated board. */
  pins: SimulatedBoard["pins"];
}

/** interpreter: the path of a real one; "" for the simulated board. */
async function run(name: string, interpreter = ""): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-example-"));
  toStop.push(() => rm(folder, { recursive: true, force: true }));
  const outfile = join(folder, `${name}.js`);
  await buildDevice({ entry: `device/examples/${name}.ts`, outfile, quiet: true, isTyped: true });
  const gw = await startGateway();
  toStop.push(() => gw.stop());
  const tcp = { host: "127.0.0.1", port: gw.tcpPort };
  const simulated = new SimulatedBoard({
    ...{ id: "ex-1", bundle: outfile, transport: { kind: "tcp", ...tcp }, config: { interval: 0, grace: 0 } },
  });
  const { pins } = simulated;
  if (interpreter === "") simulated.start();
  toStop.push(() => simulated.stop());
  const real = new Interpreter(interpreter);
  toStop.push(() => real.stop());
  const config = { id: "ex-1", tcp, interval: 0, grace: 0 };
  if (interpreter !== "")
    await real.start(await readFile(outfile, "latin1"), config, await placeFor(interpreter));
  await gw.until("hello", () => gw.gateway.devicesView().some((device) => device.connected));
  return { gw, pins, restart: () => (interpreter === "" ? simulated.reboot() : real.restart()) };
}

const asked = (gw: TestGateway, message: { ot: string; [field: string]: unknown }) =>
  gw.request("ex-1", message).then((answer) => (answer.outcome === "delivered" ? answer.reply : answer));

const ofType = (gw: TestGateway, ot: string) =>
  gw.messages.map(({ message }) => message).filter((message) => message.ot === ot);

const boards = [
  { board: "the simulated board", path: "" },
  ...interpreters.map((path) => ({ board: basename(path), path })),
];

describe.each(boards)("on $board", ({ path }) => {
  test("thermometer sends values, an event at its limit, and keeps its settings over a restart", async () => {
    const { gw, restart } = await run("thermometer", path);
    const { v } = (await asked(gw, { ot: "l:temp" })) as { v?: number };
    if (path === "") expect(Math.abs(v!)).toBeLessThan(40);
    else expect(await asked(gw, { ot: "l:temp" })).toMatchObject({ err: "no temperature sensor" });
    const limit = (v ?? 20) - 5;
    expect(await asked(gw, { ot: "l:setup", interval: 0.1, limit })).toMatchObject({
      ...{ interval: 0.1, limit, isKept: true },
    });
    if (path === "") {
      await gw.until("a value", () => ofType(gw, "l:temp").length > 2);
      await gw.until("the event", () => ofType(gw, "l:hot").length > 0);
      expect(ofType(gw, "l:hot")).toEqual([expect.objectContaining({ v: 1 })]);
    }
    expect(await asked(gw, { ot: "l:setup", interval: "often" })).toMatchObject({
      err: "interval: seconds, 0.1 or more",
    });
    await restart();
    await gw.until("a new life", () => gw.gateway.devicesView()[0].sessions === 2);
    expect(await asked(gw, { ot: "l:setup" })).toMatchObject({ interval: 0.1, limit, isKept: true });
  });

  test("blind moves in steps, tells how far it is, stops when it is cancelled, and knows where after a restart", async () => {
    const { gw, pins, restart } = await run("blind", path);
    expect(await asked(gw, { ot: "l:move", to: 5 })).toMatchObject({ position: 5 });
    expect(ofType(gw, "l:progress").map(({ position }) => position)).toEqual([2, 4, 5]);
    const { rq, outcome } = await gw.gateway.router.submit("ex-1", { ot: "l:move", ...{ to: 100 } }, 60_000);
    await gw.until("it moves", () => ofType(gw, "l:progress").some(({ task }) => task === rq));
    if (path === "") expect(pins.get("LED1")).toBe(1);
    gw.gateway.router.cancel(rq);
    expect(await outcome).toEqual({ outcome: "cancelled" });
    await gw.until("its end", () => gw.messages.some(({ message }) => message.re === rq));
    expect(pins.get("LED1")).toBe(0);
    const { position } = (await asked(gw, { ot: "l:move" })) as unknown as { position: number };
    expect(position).toBeGreaterThan(5);
    expect(position).toBeLessThan(100);
    await restart();
    await gw.until("a new life", () => gw.gateway.devicesView()[0].sessions === 2);
    expect(await asked(gw, { ot: "l:move" })).toMatchObject({ position });
    for (const to of [101, "7"])
      expect(await asked(gw, { ot: "l:move", to })).toMatchObject({ err: "to: percent, 0 to 100" });
  });
});

test("button counts presses, sends each, and watches another pin when told so, also after a restart", async () => {
  const { gw, pins, restart } = await run("button");
  const presses = () => ofType(gw, "l:button").map(({ pin, presses }) => [pin, presses]);
  async function press(pin: string): Promise<void> {
    const before = presses().length;
    pins.set(pin, 1);
    await gw.until(`${pin} pressed`, () => presses().length > before);
    pins.set(pin, 0);
    await asked(gw, { ot: "l:button" });
  }
  await press("BTN1");
  await press("BTN1");
  expect(await asked(gw, { ot: "l:button", pin: "B3" })).toMatchObject({ pin: "B3", presses: 0 });
  pins.set("BTN1", 1); // is watched no more
  await press("B3");
  expect(await asked(gw, { ot: "l:button", pin: "nowhere" })).toHaveProperty("err");
  await press("B3");
  expect(presses()).toEqual([
    ["BTN1", 1],
    ["BTN1", 2],
    ["B3", 1],
    ["B3", 2],
  ]);
  pins.set("BTN1", 0); // a board that is started with it pressed stays at its prompt
  await restart();
  await gw.until("a new life", () => gw.gateway.devicesView()[0].sessions === 2);
  expect(await asked(gw, { ot: "l:button" })).toMatchObject({ pin: "B3", presses: 0 });
});
