/**
 * A board whose input overruns (users 15, L6): bytes that find its FIFO full are lost without a word. What it then
 * delivers is still exact, and with 128 bytes unacknowledged at most the line stays busy.
 */
import { describe, expect, test } from "vitest";
import { Phase } from "../session/state.ts";
import { CableEnd, runCable, type Wire } from "../testing/cable.ts";
import { hexOf, Side } from "../testing/side.ts";

const SECONDS = 5;
const PACKET = 24;

/** A line into a FIFO of `size` bytes that the program empties every `serviceMs`. */
class FifoLine implements Wire {
  lost = 0;
  private freeAt = 0;
  private readonly visits: { at: number; bytes: number[] }[] = [];

  constructor(
    private readonly bytesPerMs: number,
    private readonly size: number,
    private readonly serviceMs: number,
  ) {}

  put(bytes: Uint8Array, now: number): void {
    for (const byte of bytes) {
      this.freeAt = Math.max(this.freeAt, now) + 1 / this.bytesPerMs;
      const at = Math.ceil(this.freeAt / this.serviceMs) * this.serviceMs;
      if (this.visits.at(-1)?.at !== at) this.visits.push({ at, bytes: [] });
      const fifo = this.visits.at(-1)!.bytes;
      if (fifo.length < this.size) fifo.push(byte);
      else this.lost++;
    }
  }

  get nextAt(): number {
    return this.visits[0]?.at ?? Infinity;
  }

  take(): Uint8Array {
    return Uint8Array.from(this.visits.shift()!.bytes);
  }
}

/** A stream of packets to the board, as fast as its window takes them. */
function run(baud: number, fifo: number, serviceMs: number, windowBytes: number) {
  const down = new FifoLine(baud / 10_000, fifo, serviceMs);
  const up = new FifoLine(baud / 10_000, Infinity, 1);
  const board = new CableEnd(new Side({ isClient: true, bufferBytes: 1024 }), true, up);
  const gateway = new CableEnd(new Side({ isClient: false, bufferBytes: 4096 }), false, down);
  board.side.session.syncBytes = windowBytes / 2;
  let sent = 0;
  const payload = (n: number) => {
    const bytes = new Uint8Array(PACKET).fill(0x20 + (n % 90));
    new DataView(bytes.buffer).setUint32(0, n);
    return bytes;
  };
  runCable({ board, gateway, up, down }, SECONDS * 1000, () => {
    gateway.side.session.window = windowBytes;
    while (gateway.side.session.phase !== Phase.ENDED && gateway.side.send(payload(sent)) > 0) sent++;
  });
  const got = board.side.packets;
  const spoiled = got.filter((hex, n) => hex !== hexOf(payload(n))).length;
  const share = (got.length * PACKET) / ((SECONDS * baud) / 10);
  return { delivered: got.length, spoiled, lost: down.lost, share };
}

describe.each([115_200, 1_000_000])("at %i baud", (baud) => {
  test.each([64, 128, 512])(
    "a FIFO of %i bytes that overruns delivers nothing spoiled, and goes on",
    (fifo) => {
      const late = (2 * fifo * 10_000) / baud; // emptied half as often as it fills
      const seen = run(baud, fifo, late, 4096);
      expect(seen.lost).toBeGreaterThan(0);
      expect(seen.spoiled).toBe(0);
      expect(seen.delivered).toBeGreaterThan(10);
    },
  );
});

// 128 bytes are 11 ms of a 115 200 baud line. At 1 000 000 baud they are 1.3 ms, less than the way there and back takes
// with two programs that look every millisecond, so there it takes the 384 that the session begins with (session D6).
test.each([
  [115_200, 64, 2, 128],
  [115_200, 128, 2, 128],
  [115_200, 512, 2, 128],
  [1_000_000, 64, 0.5, 384],
  [1_000_000, 128, 1, 384],
  [1_000_000, 512, 1, 384],
])(
  "at %i baud a FIFO of %i bytes, emptied every %f ms, keeps 60 % of the line with a window of %i",
  (baud, fifo, serviceMs, window) => {
    const seen = run(baud, fifo, serviceMs, window);
    expect(seen).toMatchObject({ lost: 0, spoiled: 0 });
    expect(seen.share).toBeGreaterThan(0.6);
  },
);
