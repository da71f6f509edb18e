/** Up to which message of the store a history has come, and what it counted: a document of its own in each batch. */
import type { Change, Database } from "../store/database.ts";
import { seal, unseal } from "../store/sealed.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { damage } from "../store/store-fault.ts";

const FORMAT = 1;
const HEAD = "head";

/** Up to which message of the store all values are in the same batch. */
export interface Cursor {
  /** Of the store. */
  epoch: string;
  n: number;
  /** That message, to know a store that counts anew. */
  last: Pick<DeliveredMessage, "device" | "epoch" | "seq" | "at"> | null;
}

export interface Counts {
  unkept: number;
  missed: number;
}

interface Head extends Cursor, Counts {
  format: number;
  /** The number of the next block. */
  next: number;
  age: number;
}

/** What it is before anything was written. Rejects with STORE_CORRUPT when it is damaged, or another release's. */
export async function readHead(database: Database, folder: string): Promise<Head> {
  const [value] = await database.get([HEAD]);
  if (value === undefined)
    return {
      ...{ format: FORMAT, epoch: "", n: 0, last: null },
      ...{ next: 1, age: 0, unkept: 0, missed: 0 },
    };
  const head = unseal(HEAD, value) as Head | undefined;
  if (head?.format === FORMAT) return head;
  const seen = head === undefined ? "its head is damaged" : `its format is ${head.format}`;
  throw damage(`${seen}; this release reads ${FORMAT}`, folder);
}

/** `age`: ms that the history has been open. */
export function putHead(head: Cursor & Counts & { next: number }, age: number): Change {
  const document: Head = { format: FORMAT, ...head, age: Math.round(age) };
  return { type: "put", key: HEAD, value: seal(HEAD, document) };
}
