import { expect, test } from "vitest";
import { isFault } from "./fault.ts";
import { formatTag, MAX_TAG_BYTES, parseTag, topicOf } from "./tag.ts";

const ID = "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot";
const utf8 = (text: string) => new Uint8Array(Buffer.from(text));

test("parseTag() reads five fields, and says where each begins", () => {
  expect(parseTag(utf8(`config:example_clock:${ID}::me`))).toEqual({
    type: "config",
    spec: "example_clock",
    id: ID,
    pid: "",
    creator: "me",
    specAt: 7,
    idAt: 21,
    pidAt: 62,
    creatorAt: 63,
  });
});

test("letters of any script pass, and places count bytes", () => {
  const fields = { type: "data", spec: "погода", id: "1", pid: "2", creator: "Кухня" } as const;
  const bytes = formatTag(fields);
  const tag = parseTag(bytes);
  expect(tag).toMatchObject({ ...fields, specAt: 5, idAt: 18, pidAt: 20, creatorAt: 22 });
  if (!isFault(tag)) expect(Buffer.from(bytes.subarray(tag.creatorAt)).toString()).toBe("Кухня");
});

const refused: [string, Uint8Array, string][] = [
  ["nothing", utf8(""), "TAG_FIELDS"],
  ["four fields", utf8("config:a_b:1:2"), "TAG_FIELDS"],
  ["a colon at the end", utf8("config:a_b:1:2:me:"), "TAG_FIELDS"],
  ["a creator with a colon", utf8("config:a_b:1:2:m:e"), "TAG_FIELDS"],
  ["many colons", utf8(":".repeat(1000)), "TAG_FIELDS"],
  ["another type", utf8("task:a_b:1:2:me"), "TAG_TYPE"],
  ["another case", utf8("Config:a_b:1:2:me"), "TAG_TYPE"],
  ["no type", utf8(":a_b:1:2:me"), "TAG_TYPE"],
  ["no spec", utf8("config::1:2:me"), "TAG_EMPTY_FIELD"],
  ["no id", utf8("config:a_b::2:me"), "TAG_EMPTY_FIELD"],
  ["no UTF-8", new Uint8Array([...utf8("data:a_b:1:2:m"), 0xc3]), "TAG_NOT_UTF8"],
  ["half a surrogate", new Uint8Array([...utf8("data:a_b:1:2:"), 0xed, 0xa0, 0x80]), "TAG_NOT_UTF8"],
  ["the packed tag of older forms", new Uint8Array([0xc4, 15, ...utf8("data:a_b:1:2:me")]), "TAG_NOT_UTF8"],
  ["JSON of MoniQue 2", utf8('{"tags":["a:b"],"cnt":{"c":1}}'), "TAG_TYPE"],
  ["too many bytes", utf8(`data:a_b:1:2:${"m".repeat(MAX_TAG_BYTES)}`), "TAG_TOO_LONG"],
];

test.each(refused)("%s is refused", (_name, bytes, code) => {
  const fault = parseTag(bytes);
  expect(fault).toMatchObject({ code });
  if (isFault(fault)) expect(fault.text).toMatch(/^[^\n]{5,200}$/);
});

test("a topic ends with a colon, so no longer spec begins with it", () => {
  expect(topicOf("result", "example_clock")).toBe("result:example_clock:");
});
