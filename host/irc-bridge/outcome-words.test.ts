/** What became of a request, for programs and for people. */
import { expect, test } from "vitest";
import type { Outcome } from "../peers/request-book.ts";
import type { Refusal } from "./asks.ts";
import { outcomeFields, outcomeText } from "./outcome-words.ts";

const ends: [Outcome | Refusal, string | null, object][] = [
  [
    { refused: "NOT_PROVED", reason: "nobody vouches for you" } as Refusal,
    "nobody vouches for you [NOT_PROVED]",
    { err: "nobody vouches for you", code: "NOT_PROVED" },
  ],
  [{ outcome: "delivered", reply: { re: 7, on: true } }, null, { on: true }],
  [
    { outcome: "expired" },
    "not sent in time, and never will be: the board was not there, or took nothing",
    { code: "REQUEST_EXPIRED", outcome: "expired" },
  ],
  [
    { outcome: "expired", reason: "gw2 gave it up" },
    "not sent in time, and never will be: gw2 gave it up",
    { code: "REQUEST_EXPIRED", outcome: "expired" },
  ],
  [
    { outcome: "unknown", reason: "its session ended" },
    "it may or may not have been done: its session ended",
    {
      err: "it may or may not have been done: its session ended",
      code: "REQUEST_UNKNOWN",
      outcome: "unknown",
    },
  ],
  [
    { outcome: "cancelled" },
    "cancelled",
    { err: "cancelled", code: "REQUEST_CANCELLED", outcome: "cancelled" },
  ],
  [
    { outcome: "rejected", reason: "gw2 knows no sim-1", code: "NO_ROUTE" } as Outcome,
    "refused on the way there: gw2 knows no sim-1 (NO_ROUTE)",
    { err: "gw2 knows no sim-1", code: "NO_ROUTE", outcome: "rejected" },
  ],
];

test.each(ends)("%o", (end, text, fields) => {
  expect(outcomeText(end)).toBe(text);
  expect(outcomeFields(end)).toMatchObject(fields);
});
