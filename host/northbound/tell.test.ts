/** What becomes of messages, in the log: each reason once in a line. */
import { expect, test } from "vitest";
import type { Log } from "../platform/log.ts";
import { silentLog } from "../platform/log.ts";
import { Teller } from "./tell.ts";

test("a reason stands in the sentence, and not in a field beside it once more", () => {
  const lines: string[] = [];
  const log: Log = { ...silentLog, warn: (fields, text) => lines.push(JSON.stringify({ ...fields, text })) };
  const one = new Teller("webhooks.home", log);
  const message = { n: 7, device: "a", epoch: "e", seq: 3, at: 5, message: {} };
  one.refused(message, "answered 422 no");
  one.held("a", "answered 400 no");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      ...{ upstream: "webhooks.home", device: "a", n: 7, event: "loss" },
      text: "a message is not taken by webhooks.home: answered 422 no",
    },
    {
      ...{ upstream: "webhooks.home", device: "a", event: "fault" },
      text: "messages of a are held, those of others pass: answered 400 no",
    },
  ]);
});
