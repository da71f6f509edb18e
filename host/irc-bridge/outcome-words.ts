/** What became of a request, for programs and for people. */
import type { Outcome } from "../peers/request-book.ts";
import type { Refusal } from "./asks.ts";
import { fieldsOfReply } from "./datum-content.ts";

/** Fields of the Datum that answers. One that was not done has `err`, and `code` for programs. */
export function outcomeFields(end: Outcome | Refusal): Record<string, unknown> {
  if ("refused" in end) return { err: end.reason, code: end.refused };
  switch (end.outcome) {
    case "delivered":
      return fieldsOfReply(end.reply as unknown as Record<string, unknown>);
    case "rejected":
      return { err: end.reason, code: end.code, outcome: "rejected" };
    default:
      return { err: outcomeText(end), code: codes[end.outcome], outcome: end.outcome };
  }
}

/** The same for people; null: it was delivered, and the reply says more. */
export function outcomeText(end: Outcome | Refusal): string | null {
  if ("refused" in end) return `${end.reason} [${end.refused}]`;
  switch (end.outcome) {
    case "delivered":
      return null;
    case "expired":
      return `not sent in time, and never will be: ${end.reason ?? "the board was not there, or took nothing"}`;
    case "unknown":
      return `it may or may not have been done: ${end.reason}`;
    case "cancelled":
      return "cancelled";
    case "rejected":
      return `refused on the way there: ${end.reason} (${end.code})`;
  }
}

const codes = {
  expired: "REQUEST_EXPIRED",
  unknown: "REQUEST_UNKNOWN",
  cancelled: "REQUEST_CANCELLED",
} as const;
