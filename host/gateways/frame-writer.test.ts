/** The rqids of frames: given when they are written, one for each request of a session, never 0 (iotgw R7.2, P-rqid). */
import { expect, test } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, type FrameView } from "../iotgw/decode-frame.ts";
import type { Frame } from "../iotgw/frame.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import { Packet } from "../queue/packet.ts";
import { CreditBook } from "./credit-book.ts";
import { FrameWriter } from "./frame-writer.ts";
import { Rqids } from "./rqids.ts";
import { keptSession } from "./testing/kept-session.ts";

const EPOCH = 7n;
const frame: Frame = {
  reqtype: Reqtype.REQUEST,
  cmd: Command.DATA,
  cmdVersion: 0,
  error: 0,
  rqid: 0,
  msgId: { origin: 5n, seq: 1 },
  qos: { lane: 2, delivery: 0, ttlMs: 1000 },
  crc: false,
};

/** A writer on a session that keeps what it is given. `last`: the rqid that was given last. */
function writerFrom(last?: number) {
  const { session, kept } = keptSession();
  const rqids = new Rqids();
  const writer = new FrameWriter(session, { now: () => 0, wall: () => 0 }, rqids, new CreditBook(), last);
  writer.start();
  /** Writes it -> the rqid that it left with. */
  const write = (fields: Partial<Frame> = {}) => {
    const { tail } = kept();
    const bytes = encodeNumbered({ ...frame, ...fields }, EPOCH, Buffer.from("abc"));
    const packet = Packet.copyOf(bytes)!;
    writer.write(packet, 0, packet.size);
    const at = tail + 1; // behind its size, one byte
    return (decodeFrame(kept().bytes, at, kept().tail, 65_536) as FrameView).rqid;
  };
  return { write, rqids };
}

test("a request and a notification take the next number of the session, in the order in which they are written", () => {
  const { write } = writerFrom();
  // 1 and 2 were the introduction's.
  expect([write(), write({ reqtype: Reqtype.ASYNC }), write()]).toEqual([3, 4, 5]);
  expect(writerFrom().write()).toBe(3);
});

test("behind 2^32 - 1 comes 1: 0 is no number", () => {
  const { write } = writerFrom(2 ** 32 - 4);
  expect([write(), write(), write(), write(), write()]).toEqual([
    2 ** 32 - 3,
    2 ** 32 - 2,
    2 ** 32 - 1,
    1,
    2,
  ]);
});

test("a reply has its request's, once, takes none of its own, and has 0 when the request came in another session", () => {
  const { write, rqids } = writerFrom();
  const asked = { origin: 9n, seq: 4, epoch: 3n };
  rqids.set(asked, 77);
  const reply = { reqtype: Reqtype.REPLY, ref: asked };
  expect([write(reply), write(), write(reply), write()]).toEqual([77, 3, 0, 4]);
});
