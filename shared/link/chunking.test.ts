/**
 * However a driver splits and merges what comes in, the same packets arrive (users 20, L7): the 16 ms of an FTDI adapter,
 * bursts of USB packets, everything merged, single bytes.
 */
import { expect, test } from "vitest";
import { Phase } from "../session/state.ts";
import { CableEnd, runCable, type Wire } from "../testing/cable.ts";
import { hexOf, Side } from "../testing/side.ts";

const PACKETS = 25;
const LINE_BYTES_PER_MS = 11.52;

/** A line whose far end is read in pieces of `size`, or what there is `latencyMs` after the first byte. */
class ChunkingLine implements Wire {
  private freeAt = 0;
  private readonly bytes: { at: number; byte: number }[] = [];

  constructor(
    private readonly size: number,
    private readonly latencyMs: number,
    private readonly bytesPerMs = LINE_BYTES_PER_MS,
  ) {}

  put(bytes: Uint8Array, now: number): void {
    for (const byte of bytes) {
      this.freeAt = Math.max(this.freeAt, now) + 1 / this.bytesPerMs;
      this.bytes.push({ at: this.freeAt, byte });
    }
  }

  get nextAt(): number {
    if (this.bytes.length === 0) return Infinity;
    return Math.min(this.bytes[this.size - 1]?.at ?? Infinity, this.bytes[0].at + this.latencyMs);
  }

  take(): Uint8Array {
    const at = this.nextAt;
    const ready = this.bytes.findIndex((one, i) => one.at > at || i === this.size);
    return Uint8Array.from(this.bytes.splice(0, ready < 0 ? this.size : ready).map(({ byte }) => byte));
  }
}

/** Packets of every size up to 299, with all the bytes that are escaped. */
const payload = (n: number) =>
  Uint8Array.from({ length: 1 + ((n * 37) % 299) }, (_, i) => [n, 0xc0, 0xdb, i & 255][i % 4]);

interface Outcome {
  atGateway: string[];
  atBoard: string[];
  links: number;
  noise: number;
}

/** PACKETS each way at the same time. */
function converse(chunks: () => Wire, windowBytes: number, ms: number): Outcome {
  const [up, down] = [chunks(), chunks()];
  const board = new CableEnd(new Side({ isClient: true, bufferBytes: 2048 }), true, up);
  const gateway = new CableEnd(new Side({ isClient: false, bufferBytes: 2048 }), false, down);
  const sent = [0, 0];
  runCable({ board, gateway, up, down }, ms, () => {
    for (const [i, { side }] of [board, gateway].entries()) {
      side.session.window = windowBytes;
      while (side.session.phase === Phase.OPEN && sent[i] < PACKETS && side.send(payload(sent[i])) > 0)
        sent[i]++;
    }
  });
  return {
    atGateway: gateway.side.packets,
    atBoard: board.side.packets,
    links: board.linksOpened,
    noise: board.link.noise + gateway.link.noise,
  };
}

const expected = Array.from({ length: PACKETS }, (_, n) => hexOf(payload(n)));

test.each([
  ["one byte a chunk", 1, 0],
  ["2 bytes a chunk", 2, 1],
  ["62 bytes, or what there is after 16 ms (FTDI)", 62, 16],
  ["62 bytes, or what there is after 1 ms (FTDI, low latency)", 62, 1],
  ["64 bytes (USB full speed)", 64, 2],
  ["4 KiB merged", 4096, 200],
])("%s", (_, size, latencyMs) => {
  const outcome = converse(() => new ChunkingLine(size, latencyMs), 1024, 60_000);
  expect(outcome).toEqual({ atGateway: expected, atBoard: expected, links: 1, noise: 0 });
});

test("one byte every 16 ms", () => {
  const outcome = converse(() => new ChunkingLine(1, 0, 1 / 16), 128, 600_000);
  expect(outcome).toEqual({ atGateway: expected, atBoard: expected, links: 1, noise: 0 });
});
