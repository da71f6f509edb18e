/** GET /api/v1/messages: what the store holds, a page at a time. */
import type { DeliveredMessage, MessagePage } from "./api.ts";
import type { MessageReader } from "./gateway-api.ts";
import { messageNumbers, readLimit, readNumber } from "./query.ts";

const messageLimit = { most: 1000, usual: 100 };
/** Where a page ends early, so that a thousand large messages are not held at once. */
const PAGE_BYTES = 1_048_576;

export const messageQuery = ["from", "device", "limit"];

/** Messages from `?from` on (0: from the oldest), of `?device`, at most `?limit`. */
export async function readMessages(store: MessageReader, url: URL): Promise<MessagePage> {
  const from = readNumber(url, "from", messageNumbers) ?? 0;
  const limit = readLimit(url, messageLimit);
  // What is committed while the store is read belongs to the next page.
  const { next: end } = store;
  const found = await store.read(from, limit, url.searchParams.get("device") ?? undefined);
  const messages = found.slice(0, countWithin(found, PAGE_BYTES));
  const isLast = messages.length === found.length && found.length < limit;
  const next = isLast ? end : messages[messages.length - 1].n + 1;
  // Given up while the page was read, but on it.
  const oldest = Math.min(store.fill.oldest, messages[0]?.n ?? Number.POSITIVE_INFINITY);
  return { messages, next, oldest };
}

/** How many messages fit, at least one where there is one. */
function countWithin(messages: DeliveredMessage[], bytes: number): number {
  let size = 0;
  const beyond = messages.findIndex((message, i) => {
    size += JSON.stringify(message).length;
    return i > 0 && size > bytes;
  });
  return beyond < 0 ? messages.length : beyond;
}
