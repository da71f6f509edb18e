/**
 * What all entries of the database but the groups come to, written with every commit: how many, and the sum of their
 * checksums.
 *
 * LevelDB does not check its blocks when it reads them: a byte changed in a table can hide a key, or let an older value
 * of it come up again, without an error. A message that is gone leaves a gap in the commits; a watermark or a request
 * that is gone, or old, shows here.
 */
import type { Change } from "./database.ts";
import { checksumOf } from "./sealed.ts";

export interface Digest {
  documents: number;
  digest: number;
}

export interface DigestPlan extends Digest {
  checksums: ReadonlyMap<string, number | null>;
}

export class DocumentDigest implements Digest {
  documents = 0;
  digest = 0;
  private readonly checksums = new Map<string, number>();

  /** One that is there, and was not before. */
  add(key: string, value: Uint8Array): void {
    const checksum = checksumOf(value);
    this.documents++;
    this.digest = (this.digest + checksum) >>> 0;
    this.checksums.set(key, checksum);
  }

  /** What the newest value of a document carries; undefined for one that is not there. */
  checksum(key: string): number | undefined {
    return this.checksums.get(key);
  }

  /** What it will be after these changes. */
  plan(changes: readonly Change[]): DigestPlan {
    const checksums = new Map<string, number | null>();
    let { documents, digest } = this;
    for (const change of changes) {
      const { key } = change;
      const before = checksums.has(key) ? checksums.get(key)! : (this.checksums.get(key) ?? null);
      const after = change.type === "put" ? checksumOf(change.value) : null;
      documents += Number(after !== null) - Number(before !== null);
      digest = (digest + (after ?? 0) - (before ?? 0)) >>> 0;
      checksums.set(key, after);
    }
    return { documents, digest, checksums };
  }

  /** The changes of that plan are committed. */
  apply({ documents, digest, checksums }: DigestPlan): void {
    this.documents = documents;
    this.digest = digest;
    for (const [key, checksum] of checksums) {
      if (checksum === null) this.checksums.delete(key);
      else this.checksums.set(key, checksum);
    }
  }
}
