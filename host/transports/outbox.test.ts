import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";
import type { Transport } from "./transport.ts";

/** Keeps what it was given as it was given: a later change of the caller's memory shows. */
class Keeper implements Transport {
  readonly name = "keeper";
  readonly remoteAddress = "";
  readonly chunks: Uint8Array[] = [];
  /** What the kernel took at once, by value; `chunks` holds what it did not. */
  readonly sent: Uint8Array[] = [];
  wantsMore = true;
  unsent?: number;

  constructor(private readonly isPrompt: boolean) {
    this.unsent = 0;
  }

  start(): void {}
  close(): void {}

  write(chunk: Uint8Array): boolean {
    if (this.isPrompt) this.sent.push(Uint8Array.from(chunk));
    else {
      this.chunks.push(chunk);
      if (this.unsent !== undefined) this.unsent += chunk.length;
    }
    return this.wantsMore;
  }

  get bytes(): Buffer {
    return Buffer.concat([...this.sent, ...this.chunks]);
  }
}

const filled = (byte: number, size: number) => new Uint8Array(size).fill(byte);
const put = (outbox: Outbox, bytes: Uint8Array) => outbox.append(bytes, 0, bytes.length);

test("what was appended leaves in one write, in order, and nothing leaves twice", () => {
  const wire = new Keeper(false);
  const outbox = new Outbox(wire);
  outbox.append(Uint8Array.of(9, 1, 2, 9), 1, 3);
  put(outbox, Uint8Array.of(3));
  expect(outbox.flush()).toBe(true);
  expect(outbox.flush()).toBe(true);
  expect(wire.chunks.map((chunk) => [...chunk])).toEqual([[1, 2, 3]]);
});

test("flush() says when the transport wants a pause", () => {
  const wire = new Keeper(true);
  wire.wantsMore = false;
  const outbox = new Outbox(wire);
  put(outbox, Uint8Array.of(1));
  expect(outbox.flush()).toBe(false);
});

test("bytes a transport has not sent yet stay as they were, whatever is appended after them, here and elsewhere", () => {
  const slow = new Keeper(false);
  const quick = new Keeper(true);
  const first = new Outbox(slow);
  const second = new Outbox(quick);
  const wanted: Uint8Array[] = [];
  for (let i = 1; i <= 200; i++) {
    const bytes = filled(i, i * 13);
    put(first, bytes);
    put(second, bytes);
    wanted.push(bytes);
    first.flush();
    second.flush();
  }
  expect(slow.bytes.equals(Buffer.concat(wanted))).toBe(true);
  expect(quick.bytes.equals(Buffer.concat(wanted))).toBe(true);
});

test("two outboxes that gather in the same turn do not share a slab", () => {
  const wires = [new Keeper(true), new Keeper(true)];
  const outboxes = wires.map((wire) => new Outbox(wire));
  for (const [i, outbox] of outboxes.entries()) put(outbox, filled(i + 1, 40));
  for (const [i, outbox] of outboxes.entries()) put(outbox, filled(i + 1, 2));
  for (const outbox of outboxes) outbox.flush();
  expect(wires.map(({ bytes }) => [...bytes])).toEqual([Array(42).fill(1), Array(42).fill(2)]);
});

test("more than a slab holds is gathered all the same", () => {
  const wire = new Keeper(true);
  const outbox = new Outbox(wire);
  put(outbox, filled(1, 100_000));
  put(outbox, filled(2, 100_000));
  put(outbox, filled(3, 1));
  outbox.flush();
  put(outbox, filled(4, 1));
  outbox.flush();
  const wanted = Buffer.concat([filled(1, 100_000), filled(2, 100_000), filled(3, 1), filled(4, 1)]);
  expect(wire.bytes.equals(wanted)).toBe(true);
});

test("a transport that tells nothing of what it has sent keeps all it was given", () => {
  const wire = new Keeper(false);
  const outbox = new Outbox(wire);
  delete wire.unsent;
  put(outbox, Uint8Array.of(1, 2));
  outbox.flush();
  put(outbox, Uint8Array.of(3, 4));
  outbox.flush();
  expect([...wire.bytes]).toEqual([1, 2, 3, 4]);
});

test("a connection that finds the slab of all lent makes one as large as it needs", () => {
  const rooms: number[] = [];
  const outboxes = Array.from({ length: 3 }, () => new Outbox(new Keeper(true)));
  const write = (outbox: Outbox) => {
    outbox.onWrite = (chunk) => rooms.push(chunk.buffer.byteLength);
    outbox.flush();
  };
  put(outboxes[0], filled(1, 50_000));
  write(outboxes[0]);
  const [large] = rooms.splice(0);
  for (const outbox of outboxes) put(outbox, filled(2, 2));
  for (const outbox of outboxes) write(outbox);
  expect(rooms).toEqual([large, 512, 512]);
});

test.each([40, 65_539, 131_078, 262_144])(
  "a transport that sends at once needs no new memory for the next turn of %d bytes",
  (size) => {
    const memory: ArrayBufferLike[] = [];
    const wire = new Keeper(true);
    const outbox = new Outbox({
      name: "prompt",
      remoteAddress: "",
      unsent: 0,
      start() {},
      close() {},
      write(chunk) {
        memory.push(chunk.buffer);
        return wire.write(chunk);
      },
    });
    for (let turn = 0; turn < 3; turn++) {
      put(outbox, filled(turn, size));
      outbox.flush();
    }
    expect(memory[2] === memory[1]).toBe(true); // compared here: as a difference, it would be printed
    expect(wire.bytes.equals(Buffer.concat([filled(0, size), filled(1, size), filled(2, size)]))).toBe(true);
  },
);
