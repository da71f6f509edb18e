import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BowlineError } from "../platform/errors.ts";
import { type KeptTransport, SerialPortKeeper } from "./serial-port-keeper.ts";

/** A machine with one port that can be taken away, and what the keeper did about it. */
function fakePort() {
  const story: string[] = [];
  const machine = { device: "ttyACM0", error: "", story };
  let current: KeptTransport | undefined;
  const open = async (): Promise<KeptTransport> => {
    if (machine.error !== "") throw new BowlineError(machine.error, machine.error);
    let end: (reason: string) => void = () => {};
    const closed = new Promise<string>((resolve) => {
      end = resolve;
    });
    const close = (reason = "closed here") => {
      story.push(`close: ${reason}`);
      end(reason);
    };
    current = { name: "fake", remoteAddress: "", closed, start() {}, write: () => true, close };
    return current;
  };
  const keeper = new SerialPortKeeper({
    path: "/dev/fake",
    baud: 115200,
    resetOnOpen: "never",
    onTransport: () => story.push("open"),
    onWaiting: (error) => story.push(`waiting: ${error.code}`),
    open,
    identify: async () => machine.device,
  });
  return { machine, story, keeper, unplug: () => current?.close("unplugged") };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("a lost port is opened again after 0.2 s, by a new transport", async () => {
  const { story, keeper, unplug } = fakePort();
  keeper.start();
  await pass(0);
  unplug();
  await pass(199);
  expect(story).toEqual(["open", "close: unplugged"]);
  await pass(1);
  expect(story).toEqual(["open", "close: unplugged", "open"]);
  await keeper.stop();
});

test("onWaiting comes once for each change of the error, not for each retry", async () => {
  const { machine, story, keeper } = fakePort();
  machine.error = "SERIAL_NOT_FOUND";
  keeper.start();
  await pass(60_000);
  machine.error = "SERIAL_BUSY";
  await pass(60_000);
  machine.error = "";
  await pass(2000);
  expect(story).toEqual(["waiting: SERIAL_NOT_FOUND", "waiting: SERIAL_BUSY", "open"]);
  await keeper.stop();
});

const awayTimes = [0, 150, 900, ...Array.from({ length: 18 }, (_, i) => 60_000 + 100 * i)];
test.each(awayTimes)("a port away for %d ms is back within 2 s of its return", async (awayMs) => {
  const { machine, story, keeper, unplug } = fakePort();
  keeper.start();
  await pass(0);
  machine.error = "SERIAL_NOT_FOUND";
  unplug();
  await pass(awayMs);
  machine.error = "";
  await pass(1900); // and some time to open
  expect(story.at(-1)).toBe("open");
  await keeper.stop();
});

test("a port that closes whenever it is opened is not tried at full speed", async () => {
  const { story, keeper, unplug } = fakePort();
  keeper.start();
  for (let i = 0; i < 600; i++) {
    await pass(100);
    unplug();
  }
  expect(story.filter((line) => line === "open").length).toBeLessThan(45);
  await keeper.stop();
});

test("a port that stayed open ends the back-off", async () => {
  const { machine, story, keeper, unplug } = fakePort();
  machine.error = "SERIAL_NOT_FOUND";
  keeper.start();
  await pass(60_000);
  machine.error = "";
  await pass(3000);
  unplug();
  await pass(200);
  expect(story.slice(-3)).toEqual(["open", "close: unplugged", "open"]);
  await keeper.stop();
});

test.each([
  ["", "the device node is gone"],
  ["ttyACM1", "the path leads to another device"],
])("a device that became '%s' without a word is closed within 1 s, then reopened", async (device, reason) => {
  const { machine, story, keeper } = fakePort();
  keeper.start();
  await pass(5000);
  machine.device = device;
  await pass(1000);
  expect(story).toEqual(["open", `close: ${reason}`]);
  await pass(200);
  expect(story.at(-1)).toBe("open");
  await keeper.stop();
});

test("stop() closes the port, or ends the waiting, and nothing happens any more", async () => {
  const held = fakePort();
  held.keeper.start();
  await pass(0);
  await held.keeper.stop();
  const waiting = fakePort();
  waiting.machine.error = "SERIAL_NOT_FOUND";
  waiting.keeper.start();
  await pass(1000);
  await waiting.keeper.stop();
  await pass(60_000);
  expect(held.story).toEqual(["open", "close: closed here"]);
  expect(waiting.story).toEqual(["waiting: SERIAL_NOT_FOUND"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("stop() while the port is being opened closes it again, and hands it to nobody", async () => {
  const { story, keeper } = fakePort();
  keeper.start();
  await keeper.stop();
  expect(story).toEqual(["close: closed here"]);
});
