/** What the hub lets pass, whatever it is: com is for the work of components, and asks nothing of it (MoniQue COM1, LAY3). */
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isSpec } from "../monique/names.ts";
import { until } from "../platform/testing/until.ts";
import { HubBench } from "./testing/components.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";

/** `SEED=7 npx vitest run host/hub` for another run. */
const SEED = Number(process.env.SEED ?? 1);
const MESSAGES = 300;

let bench: HubBench;
beforeEach(async () => {
  bench = new HubBench();
  await bench.start();
});
afterEach(() => bench.stop());

const hexOf = (parts: readonly Uint8Array[]) =>
  parts.map((part) => Buffer.from(part).toString("hex")).join(" ");
const word = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes(":") && !/\p{Surrogate}/u.test(text));
const anything = fc.record({
  type: fc.constantFrom("config" as const, "result" as const, "error" as const, "data" as const),
  spec: fc.oneof(
    word,
    fc.constantFrom("example_simple", "a_b_c", "Погода"),
    fc.stringMatching(/^[a-z0-9-]{1,9}_[a-z0-9-]{1,9}$/),
  ),
  creator: word,
  pid: fc.oneof(fc.constant(""), word),
  encoding: fc.constantFrom("JSON" as const, "MessagePack" as const),
  expires_at: fc.constantFrom(0, 8.64e15),
  data: fc.uint8Array({ maxLength: 2000 }),
});

test("any message passes com byte for byte and in order: type, spec, creator, encoding and data are the components' own", async () => {
  const messages = fc.sample(anything, { seed: SEED, numRuns: MESSAGES }).map(messageOf);
  // Most of them have a spec that is none by its letters: nothing is asked of it either.
  expect(messages.filter(({ spec }) => !isSpec(spec)).length).toBeGreaterThan(MESSAGES / 4);
  const com = await bench.comOut();
  const push = await bench.comIn();
  const sent = messages.map(framesOf);
  for (const frames of sent) await push.send([...frames]);
  await until(() => {
    if (com.heard.length < MESSAGES)
      throw new Error(`${com.heard.length} of ${MESSAGES} passed (seed ${SEED})`);
  });
  expect(com.heard.map(hexOf)).toEqual(sent.map(hexOf));
});

test("what looks like a message of tech is content when it is said on com: it passes there, and kills nobody", async () => {
  const [com, tech] = [await bench.comOut(), await bench.techOut()];
  const push = await bench.comIn();
  const asked = messageOf({ type: "config", spec: "example_clock" });
  const kill = messageOf({ type: "config", spec: "kill", data: textOf({ task_id: asked.id }) });
  const other = messageOf({ type: "data", spec: "kill", data: textOf({ task_id: asked.id }) });
  for (const message of [asked, kill, other]) await push.send([...framesOf(message)]);
  await until(() => com.heard.length === 3);
  expect(com.heard.map(hexOf)).toEqual([asked, kill, other].map((message) => hexOf(framesOf(message))));
  expect(bench.hub.kills(10)).toEqual([]);
  expect(bench.hub.task(asked.id)?.state).toBe("queued");
  // The layers have nothing in common but the hub: tech is still silent once it was heard to work.
  const service = messageOf({ type: "config", spec: "service" });
  await (await bench.techIn()).send([...framesOf(service)]);
  await until(() => tech.heard.length > 0);
  expect(tech.heard.map(hexOf)).toEqual([hexOf(framesOf(service))]);
  expect(com.heard).toHaveLength(3);
});

test("each layer has ports of its own, one to speak to and one to listen at", () => {
  const { com, tech } = bench.hub.addresses!;
  expect(new Set([com.in, com.out, tech.in, tech.out]).size).toBe(4);
});
