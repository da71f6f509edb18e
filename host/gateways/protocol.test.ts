/** Section 10.6 of PROTOCOL.md against the code: every content is read and written by it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { WireError } from "../iotgw/wire-error.ts";
import { parseEvent, parseSubscribe, parseSubscribed } from "./event-content.ts";
import { encodeJson, errorOf, parseOutcome, parseRequest } from "./request-content.ts";

const document = readFileSync(new URL("../../shared/PROTOCOL.md", import.meta.url), "utf8");
const [, block] = /```json contents\n([^`]*)```/.exec(document)!;
const contents = block
  .trim()
  .split("\n")
  .map((line) => Object.entries(JSON.parse(line))[0] as [string, Record<string, unknown>]);

const readers: Record<string, (bytes: Uint8Array, content: Record<string, unknown>) => unknown> = {
  request: (bytes) => parseRequest(bytes, 0, bytes.length),
  outcome: (bytes, content) => parseOutcome(7, errorOf(content as never), bytes, 0, bytes.length),
  refusal: (bytes) => {
    const { reason } = parseOutcome(7, WireError.QUEUE_FULL, bytes, 0, bytes.length) as { reason: string };
    return { reason };
  },
  event: (bytes) => parseEvent(bytes, 0, bytes.length),
  subscription: (bytes) => ({ devices: parseSubscribe(bytes, 0, bytes.length) }),
  subscribed: (bytes) => ({ ...parseSubscribed(bytes, 0, bytes.length), next: 17 }),
};

test.each(contents)("%s %j", (kind, content) => {
  expect(readers[kind](encodeJson(content), content)).toEqual(content);
});

test("each kind has its row in the table, and an example", () => {
  const rows = [
    ...document.matchAll(
      /^\| (request|outcome|refusal|event|subscription|subscribed) \| (?:DATA|EVENT|SUBSCRIBE)/gm,
    ),
  ];
  expect(rows.map(([, kind]) => kind)).toEqual(Object.keys(readers));
  expect([...new Set(contents.map(([kind]) => kind))]).toEqual(Object.keys(readers));
});
