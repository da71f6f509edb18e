import { expect, test } from "vitest";
import { isFault } from "./fault.ts";
import { formatKill, readKill } from "./kill.ts";

const ID = "03wjrD3mz2yD0rMEhXLtEZ63BdW2Bw6T6fxdeClW";
const read = (text: string) => readKill({ data: Buffer.from(text), encoding: "JSON" });

test("a kill names its task, in any spacing", () => {
  expect(Buffer.from(formatKill(ID)).toString()).toBe(`{"task_id":"${ID}"}`);
  expect(read(`{"task_id":"${ID}"}`)).toBe(ID);
  expect(read(`{ "x": 1,\n "task_id" : "${ID}" }\n`)).toBe(ID);
});

test.each([
  ['{"task_id":""}', "KILL_ID"],
  ['{"task_id":"restart_communicational"}', "KILL_ID"],
  [`{"task_id":"${ID}x"}`, "KILL_ID"],
  [`{"task_id":"${ID.slice(1)}"}`, "KILL_ID"],
  [`{"task_id":"${ID.slice(1)}:"}`, "KILL_ID"],
  ['{"task_id":null}', "KILL_UNREADABLE"],
  [`{"task_id":["${ID}"]}`, "KILL_UNREADABLE"],
  ["{}", "KILL_UNREADABLE"],
  ["null", "KILL_UNREADABLE"],
  [`"${ID}"`, "KILL_UNREADABLE"],
  ["", "KILL_UNREADABLE"],
  [`{"task_id":"${ID}"`, "KILL_UNREADABLE"],
])("%s kills nothing", (text, code) => {
  const fault = read(text);
  expect(fault).toMatchObject({ code });
  if (isFault(fault)) expect(fault.text).toMatch(/^kill|^task_id/);
});
