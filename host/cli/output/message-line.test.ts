import { afterEach, expect, test, vi } from "vitest";
import { formatDate, formatMessage, formatTime } from "./message-line.ts";

afterEach(() => vi.unstubAllEnvs());

const at = new Date(2026, 0, 2, 12, 4, 5).getTime();
const line = (message: Record<string, unknown>, device = "sim-1") =>
  formatMessage({ n: 1, device, epoch: "9f3c", seq: 1, at, message }, at);

test("a message of another day has its date, in the machine's own time", () => {
  const next = new Date(2026, 0, 3, 0, 0, 1).getTime();
  const message = { n: 1, device: "sim-1", epoch: "9f3c", seq: 1, at, message: { ot: "l:temp", v: 1 } };
  expect(formatMessage(message, next)).toBe("2026-01-02 12:04:05 sim-1  l:temp  v 1");
  expect(formatMessage({ ...message, at: next }, next)).toBe("00:00:01 sim-1  l:temp  v 1");
});

test("telemetry is told with its units", () => {
  const message = {
    ot: "l:telemetry",
    t: 1,
    temp: 22.4,
    supply: 3.3,
    free: 1830,
    total: 2500,
    uptime: 10,
    flags: [],
    lost: 0,
  };
  expect(line(message)).toBe(
    "12:04:05 sim-1  l:telemetry  temp 22.4 °C  supply 3.3 V  free 1830  up 00:00:10",
  );
});

test("telemetry leaves out what the board has no sensor for, and shows what went wrong", () => {
  const message = {
    ot: "l:telemetry",
    temp: null,
    supply: null,
    free: 9,
    uptime: 90_061,
    flags: ["FIFO_FULL"],
    lost: 2,
    x: [1],
  };
  expect(line(message)).toBe(
    "12:04:05 sim-1  l:telemetry  free 9  up 25:01:01  flags FIFO_FULL  lost 2  x [1]",
  );
});

test.each([
  [{ ot: "l:temp", t: 5, v: 22.5 }, "l:temp  v 22.5"],
  [{ ot: "l:pin", pin: "A0", v: { on: true } }, 'l:pin  pin A0  v {"on":true}'],
  [{ re: 7, on: true }, "reply 7  on true"],
  [{ re: 7, err: "no LED1" }, "reply 7  error: no LED1"],
  [{ rq: 3, ot: "l:time" }, "request 3 l:time"],
  [{ kill: 3 }, "cancel 3"],
  [{ v: null }, "message  v null"],
  [{ ot: "a\nb", "\u001b[2J": "\u009b" }, "a\\u000ab  \\u001b[2J \\u009b"],
])("%j is %s", (message, text) => {
  expect(line(message)).toBe(`12:04:05 sim-1  ${text}`);
});

test("a date and a time of day are those of the machine, wherever that is", () => {
  const at = Date.UTC(2026, 2, 2, 3, 4, 5);
  vi.stubEnv("TZ", "America/New_York");
  expect([formatDate(at), formatTime(at)]).toEqual(["2026-03-01 22:04:05", "22:04:05"]);
  vi.stubEnv("TZ", "Asia/Tokyo");
  expect([formatDate(at), formatTime(at)]).toEqual(["2026-03-02 12:04:05", "12:04:05"]);
});
