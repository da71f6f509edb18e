/** The author's API, on the simulated board with a real gateway at the other end. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../host/platform/testing/until.ts";
import { SimulatedBoard } from "../host/simulator/simulated-board.ts";
import { startGateway, type TestGateway } from "../host/testing/gateway.ts";
import { Interpreter, interpreters, placeFor } from "../host/testing/interpreter.ts";
import { type Relay, tcpRelay } from "../host/testing/relay.ts";
import { stopAfterEach } from "../host/testing/stops.ts";
import { buildDevice } from "./build.mjs";
import { Files } from "./layout.mjs";

let bundle = "";
const toStop = stopAfterEach();

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "bowline-author-"));
  const outfile = join(folder, "author.js");
  bundle = (await buildDevice({ entry: "device/testing/author.ts", outfile, quiet: true })).outfile;
  return () => rm(folder, { recursive: true, force: true });
});

let gw: TestGateway;
let relay: Relay;
let board: SimulatedBoard;
let said: string[];

beforeEach(async () => {
  gw = await startGateway();
  toStop.push(() => gw.stop());
  relay = await tcpRelay(gw.tcpPort);
  toStop.push(() => relay.stop());
  said = [];
  board = new SimulatedBoard({
    id: "au-1",
    bundle,
    transport: { kind: "tcp", host: "127.0.0.1", port: Number(relay.boardEnd) },
    config: { interval: 0, grace: 0 },
    onConsole: (line) => said.push(line),
  });
  board.start();
  toStop.push(() => board.stop());
  await connected();
});

const connected = () => gw.until("connected", () => gw.gateway.devicesView()[0]?.connected === true);

async function ask(message: { ot: string; [field: string]: unknown }): Promise<Record<string, unknown>> {
  const answer = await gw.request("au-1", message);
  if (answer.outcome !== "delivered") throw new Error(`${message.ot}: ${JSON.stringify(answer)}`);
  const { re, ...fields } = answer.reply;
  return fields;
}

/** What came of a type: its values. */
const valuesOf = (ot: string) => gw.messages.filter(({ message }) => message.ot === ot).map((m) => m.message);
const levels = () => valuesOf("l:level").map(({ v }) => v as number);

describe("a value of which only the newest counts", () => {
  test("waits when half of the room is taken, and only the last that waited comes, stamped; the rest of the room is left", async () => {
    const { sent, isTaken } = (await ask({ ot: "l:burst", values: 200 })) as {
      sent: number;
      isTaken: boolean;
    };
    expect(isTaken).toBe(true);
    await gw.until("the last", () => levels().includes(200));
    expect(levels()).toEqual([...Array.from({ length: sent }, (_, i) => i + 1), 200]);
    // 2 KiB of room; 43 to 47 bytes each with its size.
    expect(sent).toBeGreaterThanOrEqual(Math.floor(1024 / 48) - 1);
    expect(sent).toBeLessThanOrEqual(Math.ceil(1024 / 40));
    expect(valuesOf("l:level").every(({ t }) => Math.abs((t as number) - Date.now()) < 60_000)).toBe(true);
    expect(await ask({ ot: "l:info" })).toMatchObject({ refused: 0 });
  });

  test("waits while the gateway is away, without a number: one comes, the newest, and what is no such value comes whole", async () => {
    await ask({ ot: "l:walk", values: 30 });
    await gw.until("some", () => levels().length > 2);
    await relay.stop();
    await gw.until("away", () => !gw.gateway.devicesView()[0].connected);
    const before = levels().length;
    await until(() => said.includes("walked"));
    const again = await tcpRelay(gw.tcpPort, Number(relay.boardEnd));
    toStop.push(() => again.stop());
    await gw.until("the last", () => levels().includes(30));
    expect(levels()).toEqual([...levels()].sort((a, b) => a - b));
    // What the board sent before it saw the cut comes; of what it made later, one.
    expect(levels().length - before).toBeLessThan(6);
    await gw.until("the events", () => valuesOf("l:event").length === 3);
    expect(valuesOf("l:event").map(({ v }) => v)).toEqual([1, 2, 3]);
    const seqs = gw.messages.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  });
});

test("onRoom() is told when there is room again: a program that fills it sends everything, in order", async () => {
  await ask({ ot: "l:fill", to: 500 });
  await gw.until("500", () => valuesOf("l:n").length === 500);
  expect(valuesOf("l:n").map(({ i }) => i)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  const { refused } = await ask({ ot: "l:info" });
  expect(refused).toBeGreaterThan(0);
});

describe("a task", () => {
  const ended = () => said.filter((line) => line.startsWith("end"));
  const answerTo = (rq: number) => gw.messages.map(({ message }) => message).filter(({ re }) => re === rq);

  async function begin(message: object): Promise<{ rq: number; outcome: Promise<{ outcome: string }> }> {
    return gw.gateway.router.submit("au-1", { ot: "l:count", ...message }, 60_000);
  }

  test("is done in steps, tells how far it is, and ends with its reply, once", async () => {
    const { rq, outcome } = await begin({ to: 3 });
    expect(await outcome).toMatchObject({ outcome: "delivered", reply: { re: rq, steps: 3 } });
    expect(gw.messages.map(({ message: { t, ...fields } }) => fields)).toEqual([
      { ot: "l:progress", task: rq, of: "l:count", v: 0 },
      { ot: "l:progress", task: rq, of: "l:count", v: 1 },
      { ot: "l:progress", task: rq, of: "l:count", v: 2 },
      { ot: "l:progress", task: rq, of: "l:count", v: 3 },
      { re: rq, steps: 3 },
    ]);
    expect(ended()).toEqual([`end ${rq} done`]);
    expect(await ask({ ot: "l:once" })).toEqual({ held: 0 });
  });

  test("that is cancelled ends between two steps, frees what it held, and says so; the next may begin", async () => {
    const { rq, outcome } = await begin({ to: 1e6 });
    await gw.until("it runs", () => valuesOf("l:progress").length > 1);
    expect(await ask({ ot: "l:once" })).toEqual({ held: 1 });
    gw.gateway.router.cancel(rq);
    expect(await outcome).toEqual({ outcome: "cancelled" });
    await gw.until("its end", () => answerTo(rq).length > 0);
    expect(answerTo(rq)).toEqual([{ re: rq, err: "cancelled" }]);
    expect(ended()).toEqual([`end ${rq} cancelled`]);
    expect(await ask({ ot: "l:once" })).toEqual({ held: 0 });
    expect(await ask({ ot: "l:count", to: 0 })).toEqual({ steps: 0 });
    expect(valuesOf("l:progress").filter(({ task }) => task === rq).length).toBeLessThan(1e6);
  });

  test("whose time is over is cancelled, too", async () => {
    const { rq, outcome } = await gw.gateway.router.submit("au-1", { ot: "l:count", ...{ to: 1e6 } }, 1500);
    expect(await outcome).toMatchObject({ outcome: "unknown" });
    await gw.until("its end", () => answerTo(rq).length > 0);
    expect(answerTo(rq)).toEqual([{ re: rq, err: "cancelled" }]);
  });

  test("goes on over a lost connection, and hears of a cancel after it", async () => {
    const { rq } = await begin({ to: 1e6 });
    await gw.until("it runs", () => valuesOf("l:progress").length > 0);
    relay.breakNow();
    gw.gateway.router.cancel(rq);
    await gw.until("its end", () => answerTo(rq).length > 0);
    expect(ended()).toEqual([`end ${rq} cancelled`]);
  });

  test("is refused while another of its type runs; a cancel of what has ended, or never was, does nothing", async () => {
    const { rq, outcome } = await begin({ to: 4 });
    expect(await ask({ ot: "l:count", to: 1 })).toEqual({ err: `busy: request ${rq} is being done` });
    gw.gateway.router.cancel(rq + 1);
    expect(await outcome).toMatchObject({ outcome: "delivered", reply: { steps: 4 } });
    gw.gateway.router.cancel(rq);
    expect(await ask({ ot: "l:count", to: 1 })).toEqual({ steps: 1 });
    expect(ended().length).toBe(2);
  });

  test("that throws is answered with err, and ended; so is one whose end throws", async () => {
    expect(await ask({ ot: "l:count", to: 9, failAt: 2 })).toEqual({ err: "failed at 2" });
    expect(ended()).toEqual([expect.stringMatching(/^end \d+ failed$/)]);
    expect(await ask({ ot: "l:count", to: 1, isStuck: true })).toEqual({ err: "at the end: stuck" });
    expect(await ask({ ot: "l:once" })).toEqual({ held: 0 });
  });
});

describe("a setting", () => {
  const kept = (name: string, otherwise: unknown) => ask({ ot: "l:kept", name, otherwise });

  test("is what was kept, over restarts; otherwise what the program says; and no value of another type", async () => {
    expect(await kept("interval", 10)).toEqual({ value: 10 });
    expect(await ask({ ot: "l:keep", name: "interval", value: 5 })).toEqual({ isKept: true });
    expect(await ask({ ot: "l:keep", name: "place", value: { room: "kitchen" } })).toEqual({ isKept: true });
    board.reboot();
    await gw.until("a new life", () => gw.gateway.devicesView()[0].sessions === 2);
    expect(await kept("interval", 10)).toEqual({ value: 5 });
    expect(await kept("place", {})).toEqual({ value: { room: "kitchen" } });
    expect(await kept("interval", "ten")).toEqual({ value: "ten" });
    expect(await kept("toString", 1)).toEqual({ value: 1 });
  });

  test("is written only when it changes", async () => {
    const write = countWrites();
    await ask({ ot: "l:keep", name: "a", value: { b: [1, 2] } });
    expect(write()).toBe(2); // the copy, and the file
    await ask({ ot: "l:keep", name: "a", value: { b: [1, 2] } });
    expect(write()).toBe(2);
  });

  function countWrites(): () => number {
    const { flash } = board;
    const write = flash.write.bind(flash);
    let count = 0;
    flash.write = (...args) => {
      count++;
      write(...args);
    };
    return () => count;
  }

  test("that finds no room is told as not kept, and the old ones stay", async () => {
    await ask({ ot: "l:keep", name: "a", value: 1 });
    const { flash } = board;
    const write = flash.write.bind(flash);
    flash.write = () => {
      throw new Error("Unable to find or create file");
    };
    expect(await ask({ ot: "l:keep", name: "a", value: 2 })).toEqual({ isKept: false });
    expect(await kept("a", 0)).toEqual({ value: 1 });
    flash.write = write;
    expect(await ask({ ot: "l:keep", name: "a", value: 2 })).toEqual({ isKept: true });
    expect(await kept("a", 0)).toEqual({ value: 2 });
  });

  /** A write is erasing, a part, all of it: copy, file, and the erasing of the copy have seven steps. */
  const STEPS = 7;
  const fileInPieces = [5];
  const cuts = [
    ...Array.from({ length: STEPS + 1 }, (_, step) => [step]),
    ...fileInPieces.flatMap((first) => Array.from({ length: STEPS }, (_, step) => [first, step])),
  ];

  test("of which the power is cut at any step, and again after that, is the old one or the new one, and the others are there", async () => {
    await ask({ ot: "l:keep", name: "other", value: "stays" });
    await ask({ ot: "l:keep", name: "a", value: 0 });
    let value = 0;
    let lives = 1;
    const seen = new Set<string>();
    for (const steps of cuts) {
      for (const cutAt of steps) {
        const restore = cutPowerAt(cutAt);
        await ask({ ot: "l:keep", name: "a", value: value + 1 });
        restore();
        board.flash.erase(Files.marks); // so many starts in a row would look like failed ones
        board.reboot();
        lives++;
        await gw.until("a new life", () => gw.gateway.devicesView()[0].sessions === lives);
        await connected();
        const { value: found } = await kept("a", -1);
        expect([value, value + 1], `cut at ${steps}`).toContain(found);
        expect(await kept("other", "")).toEqual({ value: "stays" });
        seen.add(found === value ? "old" : "new");
        value = found as number;
      }
      value++;
      expect(await ask({ ot: "l:keep", name: "a", value })).toEqual({ isKept: true });
    }
    expect(seen).toEqual(new Set(["old", "new"]));
  });

  /** From that step on nothing reaches the flash. Returns what ends it. */
  function cutPowerAt(cutAt: number): () => void {
    const { flash } = board;
    const [write, erase] = [flash.write.bind(flash), flash.erase.bind(flash)];
    let step = 0;
    const pass = () => {
      if (step++ >= cutAt) throw new Error("the power is gone");
    };
    flash.write = (name, data) => {
      pass();
      erase(name);
      pass();
      write(name, data.subarray(0, data.length / 2), 0, data.length);
      pass();
      write(name, data);
    };
    flash.erase = (name) => {
      pass();
      return erase(name);
    };
    return () => Object.assign(flash, { write, erase });
  }
});

describe("a pin that is watched", () => {
  const edges = (fields: object = {}) => ask({ ot: "l:edges", ...fields });

  /** Each level is seen before the next. */
  async function play(...levelsOfPin: number[]): Promise<void> {
    for (const level of levelsOfPin) {
      board.pins.set("B3", level);
      await ask({ ot: "l:once" });
    }
  }

  test("counts its edges, tells each, and goes on after a program that throws", async () => {
    await edges({ pin: "B3", edge: "rising" });
    await play(1, 0, 1, 0, 1);
    expect(await edges()).toEqual({ count: 3, state: true, seen: 3 });
    await edges({ pin: "B3", edge: "both" });
    await play(0, 1);
    expect(await edges()).toEqual({ count: 2, state: true, seen: 2 });
    await ask({ ot: "l:interval", s: 0.1 });
    await gw.until("the fault", () =>
      valuesOf("l:telemetry").some(({ flags }) => (flags as string[]).includes("a program that throws")),
    );
  });

  test("is watched anew after an out-of-memory, which removes watches; and no more when it was ended", async () => {
    await edges({ pin: "B3", edge: "both" });
    await play(1);
    board.pins.forgetWatches();
    await play(0);
    expect(await edges()).toMatchObject({ count: 1 });
    board.raiseErrorFlag("MEMORY");
    await play(1, 0);
    expect(await edges()).toMatchObject({ count: 3 });
    await edges({ edge: "none" });
    board.raiseErrorFlag("MEMORY");
    await play(1);
    expect(await edges()).toEqual({});
  });
});

const small = interpreters.map((path) => ({ path, name: basename(path) }));

// Of a heap without a bound nothing is too much; and only boards' variables count as they do there.
describe.skipIf(small.length === 0).each(small.length > 0 ? small : [{ path: "", name: "no interpreter" }])(
  "on $name (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  ({ path }) => {
    const real = async () => {
      const place = await placeFor(path);
      const one = new Interpreter(path);
      toStop.push(() => one.stop());
      const tcp = { host: "127.0.0.1", port: gw.tcpPort };
      await one.start(await readFile(bundle, "latin1"), { id: "re-1", tcp, interval: 0, grace: 0 }, place);
      await gw.until("hello", () =>
        gw.gateway.devicesView().some(({ id, connected }) => id === "re-1" && connected),
      );
      return { one, isSmall: place === "storage" };
    };

    test("values and steps leave no garbage", async () => {
      await real();
      await gw.request("re-1", { ot: "l:garbage", times: 5 }); // what is made once
      const answer = await gw.request("re-1", { ot: "l:garbage", times: 60 });
      const { grown } = (answer as unknown as { reply: { grown: number } }).reply;
      expect(grown).toBeLessThan(10);
    });

    test("a task that is out of memory ends with an error, and the board goes on", async (context) => {
      const { one, isSmall } = await real();
      if (!isSmall) return context.skip();
      const answer = await gw.request("re-1", { ot: "l:greed" });
      expect(answer, one.output).toMatchObject({
        reply: { err: "a step was interrupted, out of memory perhaps" },
      });
      expect(await gw.request("re-1", { ot: "l:count", to: 1 })).toMatchObject({ reply: { steps: 1 } });
    });
  },
);

test("what a program does not use is not in its bundle", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bowline-author-"));
  toStop.push(() => rm(folder, { recursive: true, force: true }));
  const outfile = join(folder, "firmware.js");
  await buildDevice({ outfile, quiet: true });
  const words = ["l:progress", "settings.json", "busy: ", "removeListener"];
  const [plain, whole] = [await readFile(outfile, "utf8"), await readFile(bundle, "utf8")];
  expect(words.filter((word) => !whole.includes(word))).toEqual([]);
  expect(words.filter((word) => plain.includes(word))).toEqual([]);
});
