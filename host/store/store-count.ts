/** What the entries of a store come to, counted one by one in the order of their keys, with the checks that opening it makes. */
import { DocumentDigest } from "./document-digest.ts";
import { RECORDS } from "./documents.ts";
import { commitOf, GROUPS, type GroupHead, readHead } from "./group.ts";
import { HOLES, PACKS, Pack, packNumber } from "./pack.ts";
import { isWhole } from "./sealed.ts";
import { WATERMARKS } from "./watermarks.ts";

export interface StoreCounts {
  messages: number;
  /** The number of the last one; 0 for none. */
  last: number;
  /** Watermarks, of boards and of ways through other gateways; and how many boards have some. */
  watermarks: number;
  devices: number;
  /** All else: requests, queues, cursors, the timeline. */
  documents: number;
}

export class StoreCount {
  private readonly digest = new DocumentDigest();
  private readonly holes = new Map<number, Buffer>();
  private readonly devices = new Set<string>();
  private head: GroupHead | null = null;
  private messages = 0;
  private watermarks = 0;
  private documents = 0;
  private seen = "";

  add(key: string, value: Buffer): void {
    if (this.seen !== "") return;
    if (key >= GROUPS.gte && key < GROUPS.lt) this.addGroup(key, value);
    else if (!isWhole(key, value)) this.seen = `the document ${JSON.stringify(key)} is damaged`;
    else {
      this.digest.add(key, value);
      this.addDocument(key, value);
    }
  }

  /** Why it is no whole store, once all was added; "" when it is. */
  fault(): string {
    const { seen, head, digest } = this;
    if (seen !== "") return seen;
    if (head === null) return "it has no commit";
    if (head.documents !== digest.documents || head.digest !== digest.digest)
      return `of ${head.documents} documents ${digest.documents} are there, or some are not the newest`;
    return "";
  }

  counts(): StoreCounts {
    const { messages, watermarks, documents, devices, head } = this;
    const last = head === null ? 0 : head.first + head.count - 1;
    return { messages, last, watermarks, devices: devices.size, documents };
  }

  private addGroup(key: string, value: Buffer): void {
    const head = readHead(key, value);
    const expected = this.head === null ? commitOf(key) : this.head.commit + 1;
    if (head === null) this.seen = `the commit ${commitOf(key)} is damaged`;
    else if (head.commit !== expected) this.seen = `commit ${expected} is missing`;
    else {
      this.head = head;
      this.messages += head.count;
    }
  }

  private addDocument(key: string, value: Buffer): void {
    if (key.startsWith(PACKS.gte)) {
      const number = packNumber(key);
      this.documents += Pack.decode(number, value, this.holes.get(number)).live;
    } else if (key.startsWith(HOLES.gte)) this.holes.set(packNumber(key), value);
    else if (key.startsWith(RECORDS.gte)) this.documents++;
    else if (key.startsWith(WATERMARKS.gte)) {
      this.watermarks++;
      const device = key.slice(WATERMARKS.gte.length, key.lastIndexOf("/"));
      // The others are ways through another gateway.
      if (!device.startsWith("~")) this.devices.add(device);
    }
  }
}
