/** Where a history goes on in a store that may be another than before: put back to an earlier day, copied, or made anew. */
import type { DeliveredMessage, Store } from "../store/store.ts";
import type { Cursor } from "./head.ts";

/** -> the cursor as it is of this store. Rejects as Store.read() does. */
export async function goOnFrom(
  cursor: Cursor,
  store: Pick<Store, "read" | "next" | "epoch" | "fill">,
): Promise<Cursor> {
  const { epoch, next, fill } = store;
  // It was put back to what it was before: what it gives numbers to from now on is new.
  if (cursor.epoch === epoch) return cursor.n < next ? cursor : { epoch, n: next - 1, last: null };
  const { n, last } = cursor;
  const [message] = last !== null && n < next ? await store.read(n, 1) : [];
  // A copy on another machine has an epoch of its own, and goes on counting.
  if (message?.n === n && last !== null && isSame(message, last)) return { ...cursor, epoch };
  return { epoch, n: fill.oldest - 1, last: null };
}

const isSame = (message: DeliveredMessage, last: NonNullable<Cursor["last"]>) =>
  message.device === last.device &&
  message.epoch === last.epoch &&
  message.seq === last.seq &&
  message.at === last.at;
