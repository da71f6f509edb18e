import { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { recorder } from "./recorder.ts";
import { streamTransport } from "./stream-transport.ts";

const GRACE_MS = 250;

/** A stream whose writes finish when told to, with what the transport asked of it. */
function fakeStream(highWaterMark = 4) {
  const finishers: (() => void)[] = [];
  const calls: string[] = [];
  const stream = new Duplex({
    highWaterMark,
    autoDestroy: false,
    read() {},
    write: (_chunk, _encoding, done) => void finishers.push(done),
  });
  const sort = {
    afterFlush: () => void calls.push("afterFlush"),
    abort: () => void calls.push("abort"),
    graceMs: GRACE_MS,
  };
  const transport = streamTransport(stream, sort, { name: "fake", remoteAddress: "" });
  return { stream, transport, calls, finishWrite: () => finishers.shift()?.() };
}

/** Lets the stream's own next ticks run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

test("chunks that came before start() are kept, and none is delivered from within it", async () => {
  const { stream, transport } = fakeStream();
  stream.push(Uint8Array.of(1));
  await settle();
  const seen = recorder();
  transport.start(seen);
  expect(seen.bytes).toEqual([]);
  await settle();
  stream.push(Uint8Array.of(2));
  await settle();
  expect(seen.bytes).toEqual([1, 2]);
});

test("a port that closed before start() delivers its bytes first, then onClose", async () => {
  const { stream, transport } = fakeStream();
  stream.push(Uint8Array.of(1));
  stream.emit("close", new Error("EIO"));
  const seen = recorder();
  const order: string[] = [];
  transport.start({ ...seen, onChunk: () => order.push("chunk"), onClose: (reason) => order.push(reason) });
  await settle();
  expect(order).toEqual(["chunk", "unplugged: EIO"]);
});

test("'close' may come twice: onClose comes once", async () => {
  const { stream, transport } = fakeStream();
  const seen = recorder();
  transport.start(seen);
  await settle();
  stream.emit("close", null);
  stream.emit("close", null);
  expect(seen.closings).toEqual(["closed by the other side"]);
  await expect(transport.closed).resolves.toBe("closed by the other side");
});

test("'close' may never come: close() aborts after the grace and ends after a second one", async () => {
  const { transport, calls } = fakeStream();
  const seen = recorder();
  transport.start(seen);
  await settle();
  transport.write(Uint8Array.of(1)); // never finishes
  transport.close("no heartbeat");
  transport.close();
  vi.advanceTimersByTime(GRACE_MS);
  expect([calls, seen.closings]).toEqual([["abort"], []]);
  vi.advanceTimersByTime(GRACE_MS);
  expect(seen.closings).toEqual(["no heartbeat"]);
});

test("close() flushes what was written before", async () => {
  const { transport, calls, finishWrite } = fakeStream();
  transport.start(recorder());
  transport.write(Uint8Array.of(1));
  transport.close();
  await settle();
  expect(calls).toEqual([]);
  finishWrite();
  await settle();
  expect(calls).toEqual(["afterFlush"]);
});

test("after close() nothing is delivered or taken", async () => {
  const { stream, transport, finishWrite } = fakeStream();
  const seen = recorder();
  transport.start(seen);
  await settle();
  expect(transport.write(Uint8Array.of(1, 2, 3, 4))).toBe(false);
  transport.close();
  expect(transport.write(Uint8Array.of(5))).toBe(false);
  stream.push(Uint8Array.of(6));
  finishWrite();
  await settle();
  expect(seen).toMatchObject({ chunks: [], drains: 0 });
});

test("write() obeys the stream: false when it is full, onDrain when it is empty again", async () => {
  const { transport, finishWrite } = fakeStream();
  const seen = recorder();
  transport.start(seen);
  expect(transport.write(Uint8Array.of(1))).toBe(true);
  expect(transport.write(Uint8Array.of(2, 3, 4))).toBe(false);
  finishWrite();
  await settle();
  expect(seen.drains).toBe(0);
  finishWrite();
  await settle();
  expect(seen.drains).toBe(1);
});

test("pause() holds what comes back until resume(), before the start and after", async () => {
  const { stream, transport } = fakeStream();
  stream.push(Uint8Array.of(1));
  await settle();
  const seen = recorder();
  transport.start(seen);
  transport.pause();
  await settle();
  expect(seen.bytes).toEqual([]);
  transport.resume();
  await settle();
  expect(seen.bytes).toEqual([1]);
  transport.pause();
  stream.push(Uint8Array.of(2));
  await settle();
  expect(seen.bytes).toEqual([1]);
  transport.resume();
  await settle();
  expect(seen.bytes).toEqual([1, 2]);
});

test("pause() within onChunk holds what waits behind that chunk", async () => {
  const { stream, transport } = fakeStream();
  const seen = recorder();
  transport.start({
    ...seen,
    onChunk(chunk) {
      seen.onChunk(chunk);
      transport.pause();
    },
  });
  await settle();
  for (const byte of [1, 2]) stream.push(Uint8Array.of(byte));
  await settle();
  expect(seen.chunks).toEqual([[1]]);
  transport.resume();
  await settle();
  expect(seen.chunks).toEqual([[1], [2]]);
});

test("a paused transport still closes, and says so", async () => {
  const { stream, transport } = fakeStream();
  const seen = recorder();
  transport.start(seen);
  transport.pause();
  await settle();
  transport.close();
  stream.push(Uint8Array.of(1));
  stream.push(null);
  stream.on("end", () => stream.emit("close"));
  await settle();
  expect([seen.closings, seen.bytes]).toEqual([["closed here"], []]);
});

test("an error aborts, and its text is the reason", async () => {
  const { stream, transport, calls } = fakeStream();
  const seen = recorder();
  transport.start(seen);
  await settle();
  stream.emit("error", new Error("ECONNRESET"));
  stream.emit("close", true);
  expect(calls).toEqual(["abort"]);
  expect(seen.closings).toEqual(["ECONNRESET"]);
});

test("start() twice is a wrong call", () => {
  const { transport } = fakeStream();
  transport.start(recorder());
  expect(() => transport.start(recorder())).toThrow(TypeError);
});
