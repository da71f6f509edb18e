/**
 * Documents read back, each where it must lie (documents.ts) and as it was committed: none is missing, none an older value,
 * none one that was removed.
 *
 * The first key that must be there is known, so that no search begins among what was removed: LevelDB walks over that for
 * a tenth of a second after a million (iotgw §10, rule 3).
 */
import type { Database, Entry } from "./database.ts";
import type { DocumentDigest } from "./document-digest.ts";
import { type Documents, RECORDS } from "./documents.ts";
import { eachIn, type Pack, packKey } from "./pack.ts";
import { checksumOf, isWhole, unseal } from "./sealed.ts";

export interface Page {
  prefix: string;
  /** The key before the first that is wanted; "" for the first there is. */
  after: string;
  limit: number;
}

/** The documents, or a sentence that names the damage. Which there are is asked within the call. */
export function readDocuments<T>(
  database: Database,
  documents: Documents,
  digest: DocumentDigest,
  { prefix, after, limit }: Page,
): Promise<[key: string, value: T][] | string> {
  const keys = documents.range(prefix, after < prefix ? prefix : `${after}\0`, limit);
  return new Reading<T>(database, documents, digest, keys).read();
}

class Reading<T> {
  private readonly found = new Map<string, T>();
  private readonly own: string[] = [];
  private readonly packs = new Map<Pack, Set<string>>();
  /** What each entry that is read must carry. */
  private readonly checksums = new Map<string, number | undefined>();

  constructor(
    private readonly database: Database,
    documents: Documents,
    digest: DocumentDigest,
    private readonly keys: readonly string[],
  ) {
    for (const key of keys) {
      const pack = documents.placeOf(key);
      if (pack === null) this.own.push(RECORDS.gte + key);
      else {
        const wanted = this.packs.get(pack);
        if (wanted === undefined) this.packs.set(pack, new Set([key]));
        else wanted.add(key);
      }
    }
    for (const path of this.own) this.checksums.set(path, digest.checksum(path));
    for (const { number } of this.packs.keys())
      this.checksums.set(packKey(number), digest.checksum(packKey(number)));
  }

  async read(): Promise<[key: string, value: T][] | string> {
    const { own, packs, found } = this;
    // Both begin within this call, so that nothing is written in between.
    const entries =
      own.length === 0 ? [] : this.database.read({ gte: own[0], lt: `${own[own.length - 1]}\0` });
    const values =
      packs.size === 0 ? [] : this.database.get([...packs.keys()].map(({ number }) => packKey(number)));
    const damage = this.takeEntries(await entries) || this.takePacks(await values);
    return damage !== "" ? damage : this.keys.map((key) => [key, found.get(key)!]);
  }

  private takeEntries(entries: Entry[]): string {
    for (const [i, path] of this.own.entries()) {
      const [there, value] = entries[i] ?? [];
      const damage = this.check(path, there === path ? value : undefined);
      if (damage !== "") return damage;
      this.found.set(path.slice(RECORDS.gte.length), unseal(path, value) as T);
    }
    return "";
  }

  private takePacks(values: readonly (Buffer | undefined)[]): string {
    let i = 0;
    for (const [{ number, folder }, wanted] of this.packs) {
      const value = values[i++];
      const damage = this.check(packKey(number), value);
      if (damage !== "") return damage;
      // One that stands there twice was written anew: the last is wanted.
      eachIn(value!, (name, start, end) => {
        if (wanted.has(folder + name)) this.found.set(folder + name, value!.subarray(start, end) as T);
      });
    }
    return "";
  }

  private check(path: string, value: Buffer | undefined): string {
    if (value === undefined) return `the document ${path} is missing, or another is in its place`;
    if (!isWhole(path, value)) return `the document ${path} is damaged`;
    return this.checksums.get(path) === checksumOf(value) ? "" : `the document ${path} is not the newest`;
  }
}
