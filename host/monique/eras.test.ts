/** Messages of the two older forms: told apart, read, held against their ids, and written in the final form. */
import { encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import { decodeMessage } from "./body.ts";
import { eraOf, type ReadMessage, readMessage, toFinal } from "./eras.ts";
import { parseTag, tagText } from "./tag.ts";
import { bytesOf, vectorNamed } from "./testing/vectors.ts";

const old = vectorNamed("config-fixed-clock-era-b");
const [oldTag, oldBody] = [bytesOf(old.frame0), bytesOf(old.frame1)];

test("an older message goes out as one of today, with its id", () => {
  const [tag, body] = toFinal(readMessage(oldTag, oldBody) as ReadMessage);
  expect(Buffer.from(tag).toString()).toBe(old.tag);
  const message = decodeMessage(body);
  expect(message).toEqual({ ...old.fields, data: bytesOf(old.fields.data.hex) });
  expect(parseTag(tag)).toMatchObject({ id: "bqMjFhN9oWV/PbBCa26Wv7bRufo=" });
});

test("an id that was not made of creator, time and spec is refused", () => {
  const id = Buffer.from("AAMjFhN9oWV/PbBCa26Wv7bRufo=");
  const tag = tagText({ ...old.fields, id: id.toString() });
  const data = bytesOf(old.fields.data.hex);
  const body = encode({ ...old.fields, id, pid: new Uint8Array(0), data });
  expect(readMessage(encode(Buffer.from(tag)), body)).toMatchObject({ code: "ERA_ID" });
});

test("the data of errors of the oldest form, without a code, are passed on", () => {
  const fields = { ...old.fields, type: "error" as const };
  const body = encode({
    ...fields,
    id: Buffer.from(fields.id),
    pid: new Uint8Array(0),
    data: Buffer.from('{"message":"no"}'),
  });
  const read = readMessage(encode(Buffer.from(tagText(fields))), body) as ReadMessage;
  expect(Buffer.from(read.message.data).toString()).toBe('{"message":"no"}');
});

test.each([
  ["a single frame of MoniQue 2", Buffer.from('{"tags":[],"cnt":{}}'), oldBody, "ERA_UNKNOWN"],
  ["no tag", new Uint8Array(0), oldBody, "ERA_UNKNOWN"],
  ["a tag cut short", oldTag.subarray(0, 40), oldBody, "ERA_UNKNOWN"],
  ["a byte behind the tag", Buffer.concat([oldTag, Buffer.from([0])]), oldBody, "ERA_UNKNOWN"],
  ["no body", oldTag, new Uint8Array(0), "BODY_UNREADABLE"],
  ["the body of another message", oldTag, bytesOf(vectorNamed("haskell-config").frame1), "BODY_DISAGREES"],
])("%s is a fault", (_name, tag, body, code) => {
  expect(readMessage(tag, body)).toMatchObject({ code });
});

test("a form is known by its first bytes", () => {
  expect(eraOf(oldTag, oldBody)).toBe("B");
  expect(eraOf(oldTag, new Uint8Array(0))).toBe("B");
  expect(eraOf(Buffer.from("kill"), oldBody)).toBeUndefined();
});
