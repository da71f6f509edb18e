import { afterEach, beforeEach, expect, test } from "vitest";
import { PlainHub } from "./testing/plain-hub.ts";
import { Programs } from "./testing/programs.ts";

let hub: PlainHub;
const programs = new Programs();

beforeEach(async () => {
  hub = new PlainHub();
  await hub.start();
  await programs.open();
});

afterEach(async () => {
  await programs.close();
  hub.stop();
});

const own = (text: string) => programs.own(hub, text);

test("an answer that no hub takes is an error of its task, and others' answers leave", async () => {
  await own(`component("example_own", serve({ example_own: async (data, task, { ask }) => {
  if (data === "ask") await ask("example_other", "x".repeat(5_000_000), { timeoutMs: 50 });
  return "x".repeat(data);
} }));`);
  await hub.subscribed("config:example_own:");
  const large = hub.say("example_own", 5 << 20);
  const asks = hub.say("example_own", "ask");
  const small = hub.say("example_own", 1);
  await hub.answer(small, "result");
  expect(JSON.parse((await hub.answer(large, "error")).data)).toMatchObject({
    code: 500,
    message: expect.stringMatching(
      /^RangeError: message of example_own: 52\d{5} bytes; allowed are 4194304$/,
    ),
  });
  expect((await hub.answer(asks, "error")).data).toContain("RangeError: message of example_other");
});
