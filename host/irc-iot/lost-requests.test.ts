/** Requests for what was lost, as they are written: those of the source, and what we add to them (IRC-IoT S-6, S-7). */
import { expect, test } from "vitest";
import { requestTail } from "./lost-requests.ts";

/** The whole Container, as its receiver reads it. */
const written = (mid: string, request: Parameters<typeof requestTail>[0]): unknown =>
  JSON.parse(`{"mid":"${mid}"${requestTail(request)}`);

test.each([
  ['{"mid":"10245", "lst": 10, "rid": 123}', "10245", 10, "123"],
  ['{"mid":"53157", "lst": 20, "rid": 345}', "53157", 20, "345"],
  ['{"mid":"49848", "lst": 30, "rid": 567}', "49848", 30, "567"],
] as const)(
  "the source's %s is written with the same fields in their order, the id a bare number",
  (text, mid, kind, rid) => {
    const said = written(mid, { kind, rid });
    expect(JSON.stringify(said)).toBe(text.replaceAll(" ", ""));
  },
);

test("an id that is no number of at most 15 digits is text, whatever is in it", () => {
  for (const rid of ["a1", "007", "1234567890123456", '"},"o":{"', "-1", "1e3"])
    expect(written("1", { kind: 31, rid })).toEqual({ mid: "1", lst: 31, rid });
  expect(written("1", { kind: 31, rid: "0" })).toEqual({ mid: "1", lst: 31, rid: 0 });
});

test("which part is missing, and whose it was, stands behind what the source has", () => {
  const said = written("1", { kind: 30, rid: "5", bp: 0, be: 40, dst: "ann" });
  expect(JSON.stringify(said)).toBe('{"mid":"1","lst":30,"rid":5,"bp":0,"be":40,"dst":"ann"}');
});
