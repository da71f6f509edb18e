import { expect, test } from "vitest";
import { ErrorCode, KILLED_TEXT } from "./codes.ts";
import { formatError, readError } from "./task-error.ts";

const read = (text: string) => readError({ data: Buffer.from(text), encoding: "JSON" });

test("the error of a killed task has the text that requesters know", () => {
  expect(Buffer.from(formatError(ErrorCode.KILLED, KILLED_TEXT)).toString()).toBe(
    '{"code":301,"message":"task killed"}',
  );
});

test("the forms that are in use are read", () => {
  expect(read('{"code": 500, "message": "unknown action %"}')).toEqual({
    code: 500,
    message: "unknown action %",
  });
  expect(read('{"message":"no code"}')).toEqual({ code: 500, message: "no code" });
  expect(read('{"error":{"code":502,"message":"nested"}}')).toEqual({ code: 502, message: "nested" });
});

test.each(["", "{}", "null", "[]", '"text"', '{"message":7}', '{"error":"text"}'])("%j is none", (text) => {
  expect(read(text)).toMatchObject({ code: "ERROR_UNREADABLE" });
});
