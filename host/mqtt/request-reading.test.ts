/** Response topics that no broker takes. */
import { expect, test } from "vitest";
import { faultOfResponseTopic } from "./request-reading.ts";

test.each([
  ["no topic", undefined],
  ["a level", "me"],
  ["empty levels", "/a//b/"],
  ["a $ further on", "a/$b"],
  ["as much as there may be", "ä".repeat(512)],
  ["as many levels as there may be", "a/".repeat(127)],
])("%s is one to answer at", (_, topic) => expect(faultOfResponseTopic(topic)).toBeNull());

test.each([
  ["nothing", "", "it is empty"],
  ["a wildcard", "a/+/b", '"a/+/b"'],
  ["all of them", "#", '"#"'],
  ["one of the broker's own", "$SYS/x", '"$SYS/x"'],
  ["U+0000", "a\0", '"a\\u0000"'],
  ["a control character", "a\u0085", '"a\u0085"'],
  ["no letter", "a\uffff", '"a\uffff"'],
  ["too much", "ä".repeat(513), "it has 1026 bytes"],
  ["too many levels", "a/".repeat(128), '"a/a/'],
])("%s is none", (_, topic, seen) => {
  expect(faultOfResponseTopic(topic)).toMatchObject({
    code: "RESPONSE_TOPIC_INVALID",
    message: expect.stringContaining(`reading the response topic: ${seen}`),
  });
});
