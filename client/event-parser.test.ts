import { expect, test } from "vitest";
import { EventParser, type ServerEvent } from "./event-parser.ts";

function parse(...chunks: Uint8Array[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const parser = new EventParser((event) => events.push(event));
  for (const chunk of chunks) parser.receive(chunk);
  return events;
}

const stream = Buffer.from(
  [
    ": welcome\n\n",
    'id: 7\nevent: message\ndata: {"v":"22.5 \u00b0C"}\n\n',
    "data: two\ndata: lines\n\n",
    "retry: 500\n\n",
    "id\r\nevent:state\r\ndata:  gone \r\n\r\n",
    "data\r\runknown: x\n\nid: 9\n\ndata: \ud83d\ude00\n\n",
  ].join(""),
);
const events = [
  { id: "7", event: "message", data: '{"v":"22.5 \u00b0C"}' },
  { id: "7", event: "message", data: "two\nlines" },
  { id: "", event: "state", data: " gone " },
  { id: "", event: "message", data: "" },
  { id: "9", event: "message", data: "\ud83d\ude00" },
];

test("an EventParser reads ids, names, several lines of data, comments and all three ends of line", () => {
  expect(parse(stream)).toEqual(events);
});

test("an EventParser reads the same when cut at every byte", () => {
  for (let cut = 0; cut <= stream.length; cut++) {
    expect(parse(stream.subarray(0, cut), stream.subarray(cut)), `cut at ${cut}`).toEqual(events);
  }
  expect(parse(...Array.from(stream, (_, i) => stream.subarray(i, i + 1)))).toEqual(events);
});

test("an event that was not ended is not told", () => {
  expect(parse(Buffer.from("data: half\n"))).toEqual([]);
});

test("an id with a NUL is ignored, as the standard has it", () => {
  expect(parse(Buffer.from("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n")).map(({ id }) => id)).toEqual([
    "1",
    "1",
  ]);
});

test.each(["", "data: \n"])("an event without end is refused before it fills the memory (%j)", (end) => {
  const parser = new EventParser(() => {});
  const megabyte = Buffer.from("x".repeat(1_048_576) + end);
  expect(() => {
    for (let i = 0; i < 17; i++) parser.receive(megabyte);
  }).toThrow("characters, 16777216 allowed");
});
