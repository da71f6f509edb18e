import { expect, test } from "vitest";
import { packValue } from "../monique/pack-value.ts";
import { readBoardTask } from "./board-task-content.ts";

const task = (data: Uint8Array, encoding = "JSON") =>
  ({ data, encoding }) as Parameters<typeof readBoardTask>[0];
const json = (text: string) => task(Buffer.from(text));

test("a task for one board is its request; a task for any names the board", () => {
  const message = { ot: "l:led", on: true };
  expect(readBoardTask(json('{"ot":"l:led","on":true}'), "sim-1")).toEqual({ device: "sim-1", message });
  expect(readBoardTask(json('{"device":"gw2/sim-1","ot":"l:led","on":true}'), undefined)).toEqual({
    ...{ device: "gw2/sim-1", message },
  });
  expect(readBoardTask(json('{"ot":"x","device":"pump"}'), "sim-1")).toEqual({
    ...{ device: "sim-1", message: { ot: "x", device: "pump" } },
  });
});

test("data is read by what it is, not by what is said of it", () => {
  const packed = task(packValue({ ot: "l:info" }));
  expect(readBoardTask(packed, "sim-1")).toEqual({ device: "sim-1", message: { ot: "l:info" } });
});

test.each([
  ["", /^data of 0 bytes: neither JSON nor MessagePack/],
  ["[1]", /^data is a list; allowed \{"ot":"TYPE",…\}$/],
  ["null", /^data is null; allowed/],
  ['"l:led"', /^data is "l:led"; allowed/],
  ["{}", /^device, the board that is asked, is missing/],
  ['{"device":7,"ot":"x"}', /^device, the board that is asked, is missing/],
  ['{"device":"a"}', /^ot, the type of the request, is missing/],
  ['{"device":"a","ot":7}', /^ot, the type of the request, is missing/],
  ['{"device":"a","ot":"x","kill":7}', /^it has the field kill, which no request may have$/],
])("%s asks nothing of any board", (text, why) => {
  expect(readBoardTask(json(text), undefined)).toMatch(why);
});

test("what JSON has no form for is asked as digits and base64", () => {
  const packed = task(
    packValue({ ot: "l:move", steps: 2n ** 60n, key: new Uint8Array([1, 2]) }),
    "MessagePack",
  );
  expect(readBoardTask(packed, "sim-1")).toEqual({
    device: "sim-1",
    message: { ot: "l:move", steps: "1152921504606846976", key: { base64: "AQI=" } },
  });
  expect(readBoardTask(task(packValue(2n ** 60n), "MessagePack"), "sim-1")).toMatch(
    /^data is "1152921504606846976"/,
  );
});
