import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BowlineError } from "../platform/errors.ts";
import type { KeptTransport, SerialPortKeeperOptions } from "./serial-port-keeper.ts";
import { SerialPortKeeper } from "./serial-port-keeper.ts";
import { SilenceLadder, type Step } from "./silence-ladder.ts";

/** A machine with one port that can be taken away, and what the keeper did about it. */
function fakePort(steps: Step[] = [], resetOnOpen: SerialPortKeeperOptions["resetOnOpen"] = "never") {
  const story: string[] = [];
  const machine = { device: "ttyACM0", error: "", rebindError: "", frames: 0, attempts: 0, story };
  const release = { wait: Promise.resolve() };
  let current: KeptTransport | undefined;
  const open = async (options: { resetOnOpen: string }): Promise<KeptTransport> => {
    machine.attempts++;
    if (options.resetOnOpen === "always") story.push("reset");
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
    resetOnOpen,
    ladder: new SilenceLadder(steps, 10_000),
    onTransport() {
      story.push("open");
      machine.frames = 0;
      return () => machine.frames;
    },
    onWaiting: (error) => story.push(`waiting: ${error.code}`),
    onStep: ({ step, isFirst }) => story.push(`silent: ${step}${isFirst ? "" : " again"}`),
    onStepFailed: (error) => story.push(`failed: ${error.code}`),
    onHeardAgain: () => story.push("heard"),
    open,
    identify: async () => machine.device,
    release: () => release.wait,
    async rebind() {
      if (machine.rebindError !== "") throw new BowlineError(machine.rebindError, machine.rebindError);
      story.push("rebound");
    },
  });
  return { machine, story, keeper, release, unplug: () => current?.close("unplugged") };
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

test("a device that was gone is opened 0.4 s after its return at the latest, and the back-off begins anew", async () => {
  for (let awayMs = 60_000; awayMs < 62_000; awayMs += 130) {
    const { machine, story, keeper, unplug } = fakePort();
    keeper.start();
    await pass(0);
    Object.assign(machine, { error: "SERIAL_NOT_FOUND", device: "" });
    unplug();
    await pass(awayMs);
    Object.assign(machine, { error: "SERIAL_PERMISSION", device: "ttyACM1" }); // udev has not come to it yet
    const attempts = machine.attempts;
    await pass(400);
    expect(machine.attempts, `away ${awayMs} ms`).toBeGreaterThan(attempts);
    machine.error = "";
    await pass(400);
    expect(story.at(-1), `away ${awayMs} ms`).toBe("open");
    await keeper.stop();
  }
});

test("a port that closes whenever it is opened is not tried at full speed", async () => {
  const { story, keeper, unplug } = fakePort();
  keeper.start();
  for (let i = 0; i < 600; i++) {
    await pass(100);
    unplug();
  }
  expect(story.filter((line) => line === "open").length).toBeLessThan(60);
  await keeper.stop();
});

test.each(["SERIAL_BUSY", "SERIAL_PERMISSION"])("%s is looked into every 5 s, for ever", async (code) => {
  const { machine, story, keeper } = fakePort();
  machine.error = code;
  keeper.start();
  await pass(60_000);
  expect(machine.attempts).toBe(1 + 4 + Math.floor((60_000 - 2600) / 5000));
  machine.error = "";
  await pass(5000);
  expect(story).toEqual([`waiting: ${code}`, "open"]);
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
  ["ttyACM1", "the path leads to another device, or to none"],
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

const closed = "close: no board speaks";

test("a silent port climbs the ladder, and begins anew more slowly", async () => {
  const { story, keeper } = fakePort(["reopen", "reset", "rebind"], "if_silent");
  keeper.start();
  await pass(33_500);
  const round = ["silent: reopen", closed, "open", "silent: reset", closed, "reset", "open"];
  expect(story).toEqual(["open", ...round, "silent: rebind", closed, "rebound", "open"]);
  await pass(20_000);
  expect(story.at(-1)).toBe("open");
  expect(story.filter((line) => line.endsWith("again"))).toEqual(["silent: reopen again"]);
  await keeper.stop();
});

test("a board that speaks is left alone, however rarely", async () => {
  const { machine, story, keeper } = fakePort(["reopen"]);
  keeper.start();
  for (let i = 0; i < 20; i++) {
    await pass(8000);
    machine.frames++;
  }
  expect(story).toEqual(["open"]);
  await keeper.stop();
});

test("a board that falls silent is noticed, and told once when it speaks again", async () => {
  const { machine, story, keeper } = fakePort(["reopen"]);
  keeper.start();
  machine.frames++;
  await pass(12_500);
  expect(story).toEqual(["open", "silent: reopen", closed, "open"]);
  machine.frames++;
  await pass(5000);
  machine.frames++;
  await pass(5000);
  expect(story.slice(4)).toEqual(["heard"]);
  await pass(10_000);
  expect(story.slice(5, 6)).toEqual(["silent: reopen"]); // at the bottom again, and news again
  await keeper.stop();
});

test("`always` resets at every opening, `if_silent` at no opening but its step's", async () => {
  const always = fakePort([], "always");
  const ifSilent = fakePort(["reset"], "if_silent");
  for (const { keeper, unplug } of [always, ifSilent]) {
    keeper.start();
    await pass(0);
    unplug();
    await pass(500);
  }
  expect(always.story).toEqual(["reset", "open", "close: unplugged", "reset", "open"]);
  expect(ifSilent.story).toEqual(["open", "close: unplugged", "open"]);
  await always.keeper.stop();
  await ifSilent.keeper.stop();
});

test("a step that fails is told, and the port is opened as before", async () => {
  const { machine, story, keeper } = fakePort(["rebind"]);
  machine.rebindError = "USB_REBIND_FAILED";
  keeper.start();
  await pass(11_500);
  expect(story).toEqual(["open", "silent: rebind", closed, "failed: USB_REBIND_FAILED", "open"]);
  await keeper.stop();
});

test("a port that does not come back at once after a step is tried with the usual back-off, and the ladder goes on", async () => {
  const { machine, story, keeper } = fakePort(["reopen", "reset"], "if_silent");
  keeper.start();
  await pass(9000);
  machine.error = "SERIAL_NOT_FOUND";
  await pass(60_000);
  machine.error = "";
  await pass(2000);
  expect(story).toEqual(["open", "silent: reopen", closed, "waiting: SERIAL_NOT_FOUND", "open"]);
  await pass(11_000);
  expect(story.slice(5)).toEqual(["silent: reset", closed, "reset", "open"]);
  await keeper.stop();
});

test("a board that was plugged in anew gets the whole ladder's time", async () => {
  const { story, keeper, unplug } = fakePort(["reopen", "reset"], "if_silent");
  keeper.start();
  await pass(15_000);
  unplug();
  await pass(9000);
  expect(story.slice(4)).toEqual(["close: unplugged", "open"]);
  await pass(3000);
  expect(story.slice(6)).toEqual(["silent: reopen", closed, "open"]);
  await keeper.stop();
});

const lent = "close: the port is lent";

test("a port that is lent is closed, left alone for as long as it takes, and opened again at once", async () => {
  const { machine, story, keeper } = fakePort(["reopen", "rebind"]);
  keeper.start();
  await pass(0);
  await keeper.lend();
  const { attempts } = machine;
  await pass(600_000);
  expect([story, machine.attempts]).toEqual([["open", lent], attempts]);
  keeper.giveBack();
  await pass(0);
  expect(story.slice(2)).toEqual(["open"]);
  // Silence counts from here.
  await pass(9000);
  expect(story.length).toBe(3);
  await pass(2000);
  expect(story[3]).toBe("silent: reopen");
  await keeper.stop();
});

test("it can be lent while it waits for its device, and is no longer waited for", async () => {
  const { machine, story, keeper } = fakePort();
  machine.error = "SERIAL_NOT_FOUND";
  keeper.start();
  await pass(60_000);
  await keeper.lend();
  machine.error = "";
  await pass(60_000);
  expect(story).toEqual(["waiting: SERIAL_NOT_FOUND"]);
  keeper.giveBack();
  await pass(0);
  expect(story.slice(1)).toEqual(["open"]);
  await keeper.stop();
});

test("lent while it is being opened, it is closed again before anyone has it", async () => {
  const { story, keeper } = fakePort();
  keeper.start(); // it looks at its device first
  await keeper.lend();
  expect(story.filter((line) => line === "open")).toEqual([]);
  keeper.giveBack();
  await pass(0);
  expect(story.at(-1)).toBe("open");
  await keeper.stop();
});

test("lent again in the very moment it was given back, it is closed before the second loan begins", async () => {
  const { story, keeper } = fakePort();
  keeper.start();
  await pass(0);
  await keeper.lend();
  keeper.giveBack();
  await keeper.lend();
  await pass(10_000);
  expect(story.filter((line) => line === "open").length).toBe(1);
  keeper.giveBack();
  await pass(0);
  expect(story.at(-1)).toBe("open");
  await keeper.stop();
});

test("a step that was due when the port was lent is not taken afterwards", async () => {
  const { machine, story, keeper, unplug } = fakePort(["reset"], "if_silent");
  keeper.start();
  await pass(0);
  machine.error = "SERIAL_NOT_FOUND";
  await pass(11_000);
  expect(story).toContain("silent: reset");
  await keeper.lend();
  const before = story.length;
  machine.error = "";
  keeper.giveBack();
  await pass(0);
  unplug();
  await pass(1000);
  expect(story.slice(before)).toEqual(["open", "close: unplugged", "open"]);
  await keeper.stop();
});

test("a keeper that is stopped while its port is lent stops at once, and a loan begun afterwards finds it closed", async () => {
  const { story, keeper } = fakePort();
  keeper.start();
  await pass(0);
  await keeper.lend();
  await keeper.stop();
  await keeper.lend();
  keeper.giveBack();
  await pass(60_000);
  expect(story).toEqual(["open", lent]);
});

test("a loan begins only once the port is really released", async () => {
  const { story, keeper, release } = fakePort();
  keeper.start();
  await pass(0);
  release.wait = new Promise((resolve) => setTimeout(resolve, 700));
  const lending = keeper.lend().then(() => story.push("lent"));
  await pass(699);
  expect(story).toEqual(["open", lent]);
  await pass(1);
  await lending;
  expect(story.at(-1)).toBe("lent");
  await keeper.stop();
});
