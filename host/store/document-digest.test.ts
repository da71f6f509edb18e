import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change } from "./database.ts";
import { DocumentDigest } from "./document-digest.ts";
import { seal } from "./sealed.ts";

const put = (key: string, v: number): Change => ({ type: "put", key, value: seal(key, { v }) });

test("after any changes it is that of the documents which are there", () => {
  const key = fc.constantFrom("r/a", "r/b", "w/c");
  const change = fc.oneof(
    fc.tuple(key, fc.nat(3)).map(([k, v]) => put(k, v)),
    key.map((k): Change => ({ type: "del", key: k })),
  );
  const run = (batches: Change[][]) => {
    const grown = new DocumentDigest();
    const twin = new Map<string, Buffer>();
    for (const changes of batches) {
      grown.apply(grown.plan(changes));
      for (const one of changes)
        if (one.type === "put") twin.set(one.key, Buffer.from(one.value));
        else twin.delete(one.key);
      const anew = new DocumentDigest();
      for (const [k, value] of twin) anew.add(k, value);
      expect([grown.documents, grown.digest]).toEqual([anew.documents, anew.digest]);
      expect(grown.documents).toBe(twin.size);
    }
  };
  fc.assert(fc.property(fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 10 }), run), { seed: 3 });
});

test("an older value, and one that is gone, make a difference", () => {
  const [now, old, less] = [new DocumentDigest(), new DocumentDigest(), new DocumentDigest()];
  now.apply(now.plan([put("w/a", 2), put("w/b", 1)]));
  old.apply(old.plan([put("w/a", 1), put("w/b", 1)]));
  less.apply(less.plan([put("w/b", 1)]));
  expect(old.digest).not.toBe(now.digest);
  expect(less.documents).not.toBe(now.documents);
});

test("a plan that is not committed changes nothing", () => {
  const digest = new DocumentDigest();
  digest.apply(digest.plan([put("r/a", 1)]));
  const before = digest.digest;
  digest.plan([put("r/a", 2), { type: "del", key: "r/a" }]);
  expect([digest.documents, digest.digest]).toEqual([1, before]);
});
