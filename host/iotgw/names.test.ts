/** Commands and error codes by their numbers, as iotgw §4 gives them. */
import { expect, test } from "vitest";
import * as commands from "./commands.ts";
import { commandName, isCommand } from "./commands.ts";
import * as errors from "./wire-error.ts";
import { wireErrorName } from "./wire-error.ts";

const membersOf = (module: object, name: string) =>
  Object.entries((module as Record<string, Record<string, unknown>>)[name]).filter(
    ([, value]) => typeof value === "number",
  );

test("commands", () => {
  const numbers = {
    ...{ INTRODUCE: 1, DATA: 2, ACK: 3, NAK: 4, CREDIT: 5, CANCEL: 6, VOID: 7, ROUTES: 8 },
    ...{ PROVE: 9, EVENT: 16, SUBSCRIBE: 17 },
  };
  expect(Object.fromEntries(membersOf(commands, "Command"))).toEqual({ ILLEGAL: 0, ...numbers });
  for (const [name, cmd] of Object.entries(numbers))
    expect([commandName(cmd), isCommand(cmd)]).toEqual([name, true]);
  expect([0, 10, 15, 18, 255].map(isCommand)).toEqual([false, false, false, false, false]);
  expect(commandName(200)).toBe("command 200");
});

test("errors of the system, and from 32 on of the command", () => {
  const names = [
    ...["OK", "BADCMD", "REPLYTM", "CANTREADREQCHUNKS", "CANTREADREPCHUNKS", "NOINTRODUCTION", "TOO_BIG"],
    ...["EXPIRED", "NO_ROUTE", "QUEUE_FULL", "UNAUTHORIZED", "PEER_REMOVED", "SHUTTING_DOWN", "CANCELLED"],
    ...["BAD_FRAME", "HOP_LIMIT", "VERSION"],
  ];
  expect(membersOf(errors, "WireError").map(([name]) => name)).toEqual(names);
  names.forEach((name, code) => {
    expect(wireErrorName(code, commands.Command.DATA)).toBe(name);
  });
  expect([32, 33].map((code) => wireErrorName(code, 1))).toEqual(["UNKNOWN_HOST", "INVALID_AUTH"]);
  expect([17, 32, 33].map((code) => wireErrorName(code, 2))).toEqual([
    "error 17",
    "DEVICE_UNKNOWN",
    "error 33",
  ]);
});
