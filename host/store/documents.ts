/**
 * Which documents there are, in the order of their keys, and where each lies: one of JSON is an entry of its own, those of
 * bytes lie in packs (pack.ts).
 *
 * A commit's changes are made here before it is written; `committed` or `revert` ends it. Meanwhile nobody looks.
 */
import type { Change } from "./database.ts";
import { Pack } from "./pack.ts";
import { seal } from "./sealed.ts";
import { SortedKeys } from "./sorted-keys.ts";
import type { RecordChange } from "./store.ts";

/** Before the key of each that is an entry of its own. */
export const RECORDS = { gte: "r/", lt: "r0" };

/** Where a document lies; null: in an entry of its own. */
type Place = Pack | null;

export class Documents {
  private readonly places = new Map<string, Place>();
  private readonly order = new SortedKeys();
  private nextPack = 1;
  /** Of the commit that is being made: packs that are new, those that lost documents, and what was before, key by key. */
  private filling: Pack | null = null;
  private filled: Pack[] = [];
  private readonly losing = new Set<Pack>();
  private keys: string[] = [];
  private before: (Place | undefined)[] = [];

  get count(): number {
    return this.places.size;
  }

  /** Keys of those that begin with `prefix`, from `from` on, the first `limit` of them. */
  range(prefix: string, from: string, limit: number): string[] {
    return this.order.range(from, `${prefix}\uffff`, limit);
  }

  /** Where one that there is lies. */
  placeOf(key: string): Place {
    return this.places.get(key)!;
  }

  /** One that is there, as an entry of its own. */
  addEntry(path: string): void {
    this.set(path.slice(RECORDS.gte.length), null);
  }

  /** Those of a pack that is there. */
  addPack(pack: Pack): void {
    this.nextPack = Math.max(this.nextPack, pack.number + 1);
    for (const [at, key] of pack.keys.entries()) if (pack.isWanted(at)) this.set(key, pack);
  }

  /** Makes these changes, in their order: what is to be written for them. */
  change(records: readonly RecordChange[]): Change[] {
    const changes: Change[] = [];
    for (const { key, value } of records) {
      const before = this.places.get(key);
      this.keys.push(key);
      this.before.push(before);
      if (before instanceof Pack) {
        before.drop(key);
        this.losing.add(before);
      }
      if (value instanceof Uint8Array) {
        if (before === null) changes.push({ type: "del", key: pathOf(key) });
        const pack = this.packFor(key);
        pack.add(key, value);
        this.set(key, pack);
      } else if (value !== null) {
        const path = pathOf(key);
        changes.push({ type: "put", key: path, value: seal(path, value) });
        this.set(key, null);
      } else if (before !== undefined) {
        if (before === null) changes.push({ type: "del", key: pathOf(key) });
        this.places.delete(key);
        this.order.remove(key);
      }
    }
    return changes;
  }

  /** What is to be written for the packs, once all changes of a commit are made. */
  packChanges(): Change[] {
    const changes: Change[] = [];
    for (const pack of this.filled) changes.push(...pack.written());
    for (const pack of this.losing) changes.push(...pack.dropped());
    return changes;
  }

  committed(): void {
    for (const pack of this.filled) pack.committed();
    for (const pack of this.losing) pack.committed();
    this.end();
  }

  /**
   * The commit failed: what can be read is what was there before it. What the packs have lost is not given back, for no
   * other commit is made before the store was read anew.
   */
  revert(): void {
    for (let i = this.keys.length - 1; i >= 0; i--) {
      const [key, before] = [this.keys[i], this.before[i]];
      if (before === undefined) {
        if (this.places.delete(key)) this.order.remove(key);
        continue;
      }
      this.set(key, before);
    }
    this.end();
  }

  private end(): void {
    this.filling = null;
    this.filled = [];
    this.losing.clear();
    this.keys = [];
    this.before = [];
  }

  private set(key: string, place: Place): void {
    const { size } = this.places;
    this.places.set(key, place);
    if (this.places.size > size) this.order.add(key);
  }

  private packFor(key: string): Pack {
    const { filling } = this;
    if (filling?.hasRoom && isIn(filling.folder, key)) return filling;
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    let pack = this.filled.find((one) => one.folder === folder && one.hasRoom);
    if (pack === undefined) {
      pack = new Pack(this.nextPack++, folder);
      this.filled.push(pack);
    }
    this.filling = pack;
    return pack;
  }
}

/** Whether the key is the folder's own, and in none below it. */
function isIn(folder: string, key: string): boolean {
  return key.startsWith(folder) && key.indexOf("/", folder.length) < 0;
}

function pathOf(key: string): string {
  return RECORDS.gte + key;
}
