/** What a writer does over a long session, at a new connection, and with what it should never be given. */
import { expect, test } from "vitest";
import { packetEnd } from "../../shared/session/send-buffer.ts";
import { varintLength } from "../../shared/varint.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, type FrameView } from "../iotgw/decode-frame.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import type { Frame } from "../iotgw/frame.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import { Packet } from "../queue/packet.ts";
import { CreditBook } from "./credit-book.ts";
import { FrameWriter } from "./frame-writer.ts";
import { Rqids } from "./rqids.ts";
import { keptSession } from "./testing/kept-session.ts";

const head = { cmdVersion: 0, error: 0, rqid: 0, crc: false };
const numbered: Frame = {
  ...{ ...head, reqtype: Reqtype.ASYNC, cmd: Command.DATA, msgId: { origin: 5n, seq: 1 } },
  qos: { lane: 2, delivery: 0, ttlMs: 1000 },
};

/** A writer on a session that keeps what it is given, and its clock. */
function newWriter() {
  const time = { now: 0 };
  const { session, kept } = keptSession();
  const writer = new FrameWriter(
    session,
    { now: () => time.now, wall: () => 0 },
    new Rqids(),
    new CreditBook(),
  );
  writer.start();
  const write = (bytes: Uint8Array, deadline = Infinity) => {
    const packet = Packet.copyOf(bytes, { deadline })!;
    writer.write(packet, 0, packet.size);
  };
  /** The frames that are not acknowledged. */
  const frames = () => {
    const { bytes, head: first, tail } = kept();
    const found: FrameView[] = [];
    for (let at = first; at < tail; at = packetEnd(bytes, at))
      found.push(decodeFrame(bytes, at + varintLength(bytes[at]), packetEnd(bytes, at), 65_536) as FrameView);
    return found;
  };
  /** The peer has the oldest ones: the session lets them go, and tells. */
  const acknowledge = (count: number) => {
    for (let i = 0; i < count; i++) kept().head = packetEnd(kept().bytes, kept().head);
    kept().count -= count;
    writer.acknowledged(count);
  };
  return { writer, write, frames, acknowledge, time };
}

test("what goes again over a new connection has what is left of its own life, after thousands that are done", () => {
  const { writer, write, frames, acknowledge, time } = newWriter();
  const small = (seq: number) =>
    encodeNumbered({ ...numbered, msgId: { origin: 5n, seq } }, 7n, Buffer.from("x"));
  for (let seq = 1; seq <= 1500; seq++) write(small(seq), 100_000 + seq);
  acknowledge(700);
  acknowledge(700);
  acknowledge(98);
  time.now = 50_000;
  writer.renew();
  expect(frames().map(({ msgId, qos }) => [msgId!.seq, qos!.ttlMs])).toEqual([
    [1499, 51_499],
    [1500, 51_500],
  ]);
});

test("a frame without a life goes again as it was", () => {
  const { writer, write, frames } = newWriter();
  const credit = encodeFrame({ ...head, reqtype: Reqtype.ASYNC, cmd: Command.CREDIT }, Uint8Array.of(0));
  write(credit);
  write(encodeNumbered(numbered, 7n, Buffer.from("x")), 500);
  writer.renew();
  expect(frames().map(({ cmd, qos }) => [cmd, qos?.ttlMs])).toEqual([
    [Command.CREDIT, undefined],
    [Command.DATA, 500],
  ]);
});

test("a reply that names no request has no number", () => {
  const { write, frames } = newWriter();
  write(encodeNumbered({ ...numbered, reqtype: Reqtype.REPLY }, 7n, Buffer.from("x")));
  expect(frames().map(({ rqid }) => rqid)).toEqual([0]);
});

test("a frame of our own that is none, or is larger than all that may wait for an answer, is our fault, and is not sent", () => {
  const { write, frames } = newWriter();
  expect(() => write(Buffer.from("GET / HTTP/1.1"))).toThrow("a frame of our own: frame: begins with 47 45");
  expect(() => write(encodeNumbered(numbered, 7n, new Uint8Array(300_000)))).toThrow("above the send buffer");
  expect(frames()).toEqual([]);
});
