/** What the work says is what a hub takes, or it is told at once. */
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PlainHub } from "./testing/plain-hub.ts";
import { type Program, Programs } from "./testing/programs.ts";

const library = fileURLToPath(new URL("../dist/component.mjs", import.meta.url));

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

async function own(text: string): Promise<Program> {
  const file = await programs.write(
    "own.mjs",
    `import { component, serve } from ${JSON.stringify(library)};\n${text}`,
  );
  return programs.start(hub, { example_own: { frequency: 50 } }, [process.execPath, file]);
}

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
