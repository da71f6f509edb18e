import { expect, test } from "vitest";
import { type IrcLine, LineLog } from "./line-log.ts";

test("lines have numbers and times, the newest comes first, and each is told once", () => {
  let now = 1000;
  const told: IrcLine[] = [];
  const log = new LineLog(
    ["secret"],
    () => now++,
    (line) => told.push(line),
  );
  log.note("out", "PASS secret");
  log.note("in", "@id=7 :irc.example 001 gw :Welcome");
  expect(log.last(10)).toEqual([
    { n: 2, at: 1001, way: "in", text: ":irc.example 001 gw :Welcome" },
    { n: 1, at: 1000, way: "out", text: "PASS ***" },
  ]);
  expect(log.last(1)).toEqual([told[1]]);
  expect(told.map(({ n }) => n)).toEqual([1, 2]);
});

test("the beat of a connection is no line, a person's word of it is one", () => {
  const log = new LineLog(
    [],
    () => 0,
    () => {},
  );
  for (const line of ["PING", "PING :irc.example", ":irc.example PONG irc.example :x", "@a=b :s PONG s"])
    log.note("in", line);
  log.note("in", ":ann!a@h PRIVMSG gw :PING");
  expect(log.last(10).map(({ text }) => text)).toEqual([":ann!a@h PRIVMSG gw :PING"]);
});

test("of many lines the last 500 are kept, of a long one its beginning", () => {
  const log = new LineLog(
    [],
    () => 0,
    () => {},
  );
  for (let i = 1; i <= 700; i++) log.note("in", `:s NOTICE gw :${i}`);
  log.note("in", `:s NOTICE gw :${"x".repeat(8000)}`);
  const lines = log.last(10_000);
  expect(lines).toHaveLength(500);
  expect(lines[0].text).toHaveLength(512);
  expect(lines.at(-1)?.n).toBe(202);
});
