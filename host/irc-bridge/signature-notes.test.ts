import { expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { openTestStore } from "../testing/stores.ts";
import { SignatureNotes } from "./signature-notes.ts";

test("the next gateway knows which signatures count no more, the newest too, and what ours stand behind", async () => {
  const store = await openTestStore();
  const notes = new SignatureNotes("lab", store);
  expect(await notes.load()).toEqual({ seen: {}, said: [] });
  notes.look({ k: ["m1", "m2"] }, 60_000);
  notes.look({ k: ["m1", "m2", "not yet"] }, 119_999);
  notes.accepted("k", ["m1", "m2", "m3"]);
  notes.signed("#lab", "first");
  notes.signed("ann", "to ann");
  notes.signed("#lab", "second");
  await until(async () => (await store.records("is/")).length === 3);
  await until(async () => (await new SignatureNotes("lab", store).load()).said.length === 2);
  expect(await new SignatureNotes("lab", store).load()).toEqual({
    seen: { k: ["m1", "m2", "m3"] },
    said: expect.arrayContaining([
      ["ann", "to ann"],
      ["#lab", "second"],
    ]),
  });
  expect(await new SignatureNotes("lab2", store).load()).toEqual({ seen: {}, said: [] });
});
