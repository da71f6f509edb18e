import { afterEach, expect, test, vi } from "vitest";
import { ForeignDevice, type ForeignKind } from "./foreign-device.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** What a device says to each of these, in turn. */
function saidBy(kind: ForeignKind, ...typed: string[]): string[] {
  let said = "";
  let toDevice: (bytes: Uint8Array) => void = () => {};
  const device = new ForeignDevice(kind, {
    write: (bytes) => {
      said += Buffer.from(bytes).toString("latin1");
    },
    onData: (listener) => {
      toDevice = listener;
    },
  });
  device.start();
  const answers = typed.map((text) => {
    said = "";
    toDevice(Buffer.from(text, "latin1"));
    return said;
  });
  device.stop();
  return answers;
}

test("each answers in its own way", () => {
  expect(saidBy("silent", "\n", "\x03")).toEqual(["", ""]);
  expect(saidBy("echo", "\x03a\n")).toEqual(["\x03a\n"]);
  expect(saidBy("modem", "AT\r", "\x10print(1)\n", "\n")).toEqual([
    "AT\r\r\nOK\r\n",
    "\x10print(1)\n\r\nERROR\r\n",
    "\n",
  ]);
  const [first, second] = saidBy("garbage", "\n", "\n");
  expect(first).not.toBe(second);
  expect(saidBy("garbage", "\n")).toEqual([first]); // by its seed
});

test("a GPS receiver talks without being asked, until it is stopped", () => {
  vi.useFakeTimers();
  const lines: string[] = [];
  const end = { write: (bytes: Uint8Array) => lines.push(Buffer.from(bytes).toString()), onData() {} };
  const device = new ForeignDevice("nmea", end);
  device.start();
  vi.advanceTimersByTime(1000);
  device.stop();
  vi.advanceTimersByTime(1000);
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^\$GPGGA,.*\r\n$/);
});
