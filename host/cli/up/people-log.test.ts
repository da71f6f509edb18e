import { expect, test } from "vitest";
import type { LogLevel } from "../../platform/log.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { joinLogs, PeopleLog } from "./people-log.ts";

const TIME = /^\d\d:\d\d:\d\d /;

function logTo(terminal: FakeTerminal, others: LogLevel = "silent") {
  return {
    log: new PeopleLog(terminal, others),
    lines: () => terminal.printed.map((line) => line.replace(TIME, "")),
  };
}

test("changes of boards, components and ports are lines with their time", () => {
  const terminal = new FakeTerminal();
  const { log, lines } = logTo(terminal);
  log.info({ device: "sim-1", via: "serial /dev/ttyACM0" }, "connected");
  log.info({ device: "sim-1", code: "EXPIRED" }, "session over");
  log.info({ device: "sim-1", missing: 3 }, "messages may be missing");
  log.info({ path: "/dev/ttyACM0" }, "port open");
  log.warn({ path: "/dev/ttyACM0", code: "SERIAL_NOT_FOUND", mend: "bowline ports" }, "no such device");
  log.info({ via: "tcp 127.0.0.1:1", reason: "closed here" }, "connection over");
  log.info({ device: "sim-1", via: "serial /dev/ttyACM0", times: 417, seconds: 60 }, "connected");
  log.debug({ device: "sim-1" }, "asked");
  const component = { component: "example_a", creator: "0001", from: "127.0.0.1:5" };
  log.info(component, "is there");
  log.warn({ ...component, code: "COMPONENT_DOWN", message: "disk full" }, "says that its work is down");
  expect(lines()).toEqual([
    "sim-1 connected via serial /dev/ttyACM0",
    "sim-1 session over: EXPIRED",
    "sim-1 messages may be missing (missing 3)",
    "serial /dev/ttyACM0: port open",
    "serial /dev/ttyACM0: waiting for it: no such device (mend: npx bowline ports)",
    "sim-1 connected via serial /dev/ttyACM0 ×417 in 60 s",
    "component example_a is there (from 127.0.0.1:5)",
    "component example_a says that its work is down (from 127.0.0.1:5, message disk full)",
  ]);
  expect(terminal.printed.every((line) => TIME.test(line))).toBe(true);
});

test.each([
  ["debug", ["heard", "connection over (reason closed)", "hello refused (via tcp 1, reason \\u001b[2J)"]],
  ["info", ["connection over (reason closed)", "hello refused (via tcp 1, reason \\u001b[2J)"]],
  ["warn", ["hello refused (via tcp 1, reason \\u001b[2J)"]],
  ["silent", []],
] as const)("of what is no change of a board or a port those from %s on are told", (others, lines) => {
  const terminal = new FakeTerminal();
  const { log } = logTo(terminal, others);
  log.debug({}, "heard");
  log.info({ reason: "closed" }, "connection over");
  log.warn({ via: "tcp 1", reason: "\u001b[2J" }, "hello refused");
  expect(terminal.warned.map((line) => line.replace(TIME, ""))).toEqual(lines);
});

test("once muted it says nothing", () => {
  const terminal = new FakeTerminal();
  const { log } = logTo(terminal, "debug");
  log.mute();
  log.info({ device: "sim-1" }, "disconnected");
  log.error({}, "a fault");
  expect([...terminal.printed, ...terminal.warned]).toEqual([]);
});

test("joinLogs() gives every line to each log", () => {
  const said: string[] = [];
  const logOf = (name: string) => {
    const say = (level: string) => (_fields: object, text: string) => said.push(`${name} ${level} ${text}`);
    return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
  };
  const log = joinLogs(logOf("a"), logOf("b"));
  log.info({}, "x");
  log.error({}, "y");
  expect(said).toEqual(["a info x", "b info x", "a error y", "b error y"]);
});

test("what is null in a JSON log is not told to people", () => {
  const terminal = new FakeTerminal();
  new PeopleLog(terminal, "info").info({ network: "lab", who: null, mend: "", ot: "l:led" }, "IRC command");
  expect(terminal.warned[0].slice(9)).toBe("IRC command (network lab, ot l:led)");
});
