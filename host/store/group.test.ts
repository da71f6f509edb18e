import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commitOf, firstOf, GroupBuilder, groupKey, readHead, readMessages } from "./group.ts";
import type { DeliveredMessage } from "./store.ts";

const key = groupKey(17, 3);
const about = { commit: 3, first: 17, offset: 1000, at: 9, age: 5, documents: 2, digest: 0x01020304 };

function message(device: string, epoch: string, seq: number, at: number, content: object): DeliveredMessage {
  return { n: 0, device, epoch, seq, at, message: content as Record<string, unknown> };
}

function add(builder: GroupBuilder, one: DeliveredMessage): void {
  const payload = Buffer.from(`..${JSON.stringify(one.message)}..`);
  builder.add(one, payload, 2, payload.length - 2);
}

describe("a group", () => {
  test("stands under the numbers of its first message and its commit", () => {
    expect(key).toBe("g/00000000000011-00000000000003");
    expect([firstOf(key), commitOf(key)]).toEqual([17, 3]);
    const far = groupKey(2 ** 53 - 1, 2 ** 53 - 2);
    expect([firstOf(far), commitOf(far)]).toEqual([2 ** 53 - 1, 2 ** 53 - 2]);
  });

  test("is these bytes", () => {
    const builder = new GroupBuilder();
    add(builder, message("b", "e", 2, 1, { v: 1 }));
    const { value } = builder.finish(key, about);
    const expected = [
      "01", // format
      "0000000000000840", // commit 3
      "0000000000003140", // first 17
      "01000000", // count
      "000000000000f03f", // at 1, of its first message
      "0000000000001440", // age 5
      "0000000000408f40", // offset 1000
      "02000000", // documents
      "04030201", // digest
      "01 01 62 01 65", // a source: b, e
      "02 0000 0000000000000040 000000000000f03f 07000000", // a message: source 0, seq 2, at 1, 7 bytes
      "7b2276223a317d", // {"v":1}
    ];
    expect(value.subarray(4).toString("hex")).toBe(expected.join("").replaceAll(" ", ""));
  });

  test("without messages carries the time of the commit", () => {
    const { value, head } = new GroupBuilder().finish(key, about);
    expect(head).toEqual({ ...about, count: 0, bytes: 57 });
    expect(readHead(key, value)).toEqual(head);
    expect(readMessages(value, 0)).toEqual([]);
  });

  test("any messages come back as a list of them would, from any number, of any board", () => {
    const one = fc.record({
      device: fc.constantFrom("a", "kitchen", `z${"9".repeat(62)}`),
      epoch: fc.constantFrom("0123456789abcdef", "fedcba9876543210"),
      seq: fc.integer({ min: 1, max: 2 ** 53 - 1 }),
      at: fc.integer({ min: 0, max: 2 ** 45 }),
      message: fc.dictionary(fc.constantFrom("ot", "t", "v", "ü"), fc.oneof(fc.integer(), fc.string())),
    });
    const run = (list: Omit<DeliveredMessage, "n">[], from: number, wanted: string | undefined) => {
      const builder = new GroupBuilder();
      const twin: DeliveredMessage[] = [];
      for (const [i, each] of list.entries()) {
        add(builder, { n: 0, ...each });
        const { t } = each.message;
        twin.push({ n: 17 + i, ...each, ...(typeof t === "number" && { t }) });
      }
      const { value, head } = builder.finish(key, about);
      expect(readHead(key, value)).toEqual(head);
      expect(head.count).toBe(list.length);
      expect(readMessages(value, from, wanted)).toEqual(
        twin.filter(({ n, device }) => n >= from && (wanted === undefined || wanted === device)),
      );
    };
    const wanted = fc.constantFrom(undefined, "a", "kitchen", "nobody");
    fc.assert(fc.property(fc.array(one, { maxLength: 60 }), fc.integer({ min: 0, max: 90 }), wanted, run), {
      seed: 1,
      numRuns: 300,
    });
  });

  test("with any byte changed, cut off, or under another key is not taken", () => {
    const builder = new GroupBuilder();
    add(builder, message("b", "e", 2, 1, { v: 1 }));
    const { value } = builder.finish(key, about);
    for (let i = 0; i < value.length; i++) {
      for (const flip of [1, 128, 255]) {
        const damaged = Buffer.from(value);
        damaged[i] ^= flip;
        expect(readHead(key, damaged), `byte ${i} ^ ${flip}`).toBeNull();
      }
      expect(readHead(key, value.subarray(0, i)), `cut at ${i}`).toBeNull();
    }
    expect(readHead(groupKey(17, 4), value)).toBeNull();
  });
});
