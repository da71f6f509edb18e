/**
 * Link and session together over a noisy 115 200 baud line, in simulated time (session part 3): nothing spoiled is ever
 * delivered, and noise costs no more goodput than it may.
 */
import { describe, expect, test } from "vitest";
import { FaultyLine } from "../../host/transports/faulty.ts";
import { Phase } from "../session/state.ts";
import { CableEnd, runCable, type Wire } from "../testing/cable.ts";
import { hexOf, Side } from "../testing/side.ts";

/** 10 bits a byte. */
const BYTES_PER_MS = 11.52;
const CHUNK = 32;
const PACKET = 100;
const SECONDS = 120;

/** One direction: bytes leave one after the other at the line's speed, in chunks, spoiled on the way. */
class Line implements Wire {
  private freeAt = 0;
  private readonly queue: { at: number; bytes: Uint8Array }[] = [];
  constructor(private readonly faults: FaultyLine) {}

  put(bytes: Uint8Array, now: number): void {
    for (let from = 0; from < bytes.length; from += CHUNK) {
      const piece = bytes.slice(from, from + CHUNK);
      this.freeAt = Math.max(this.freeAt, now) + piece.length / BYTES_PER_MS;
      this.faults.push(piece);
      for (const spoiled of this.faults.take()) this.queue.push({ at: this.freeAt, bytes: spoiled });
    }
  }

  get nextAt(): number {
    return this.queue[0]?.at ?? Infinity;
  }

  take(): Uint8Array {
    return this.queue.shift()!.bytes;
  }
}

interface Run {
  delivered: number;
  spoiled: number;
  links: number;
}

/** A stream of packets from the board for SECONDS. */
function run(seed: number, faults: object): Run {
  const up = new Line(new FaultyLine({ seed, ...faults }));
  const down = new Line(new FaultyLine({ seed: seed + 1, ...faults }));
  const board = new CableEnd(new Side({ isClient: true, bufferBytes: 2048 }), true, up);
  const gateway = new CableEnd(new Side({ isClient: false, bufferBytes: 2048 }), false, down);
  let sent = 0;
  const payload = (n: number) => {
    const bytes = new Uint8Array(PACKET).fill(0x20 + (n % 90));
    new DataView(bytes.buffer).setUint32(0, n);
    return bytes;
  };
  runCable({ board, gateway, up, down }, SECONDS * 1000, () => {
    while (board.side.session.phase !== Phase.ENDED && board.side.send(payload(sent)) > 0) sent++;
  });
  const got = gateway.side.packets;
  const spoiled = got.filter((hex, n) => hex !== hexOf(payload(n))).length;
  return { delivered: got.length, spoiled, links: board.linksOpened };
}

const kinds = ["dropRate", "insertRate", "flipRate"];

describe("a 115 200 baud line", () => {
  const clean = run(1, {});

  test("without noise carries at least 92 % payload", () => {
    expect(clean.links).toBe(1);
    expect((clean.delivered * PACKET) / (SECONDS * 1000 * BYTES_PER_MS)).toBeGreaterThan(0.92);
  });

  describe.each([
    [1e-5, 0.95],
    [1e-4, 0.8],
  ])("with one byte in 1/%f spoiled keeps %f of it", (rate, least) => {
    test.each(kinds)("%s: nothing spoiled delivered, and goodput as promised", (kind) => {
      let delivered = 0;
      const seeds = [11, 12, 13];
      for (const seed of seeds) {
        const noisy = run(seed, { [kind]: rate });
        expect(noisy.spoiled, `seed ${seed}`).toBe(0);
        if (rate === 1e-4) expect(noisy.links).toBeGreaterThan(20);
        delivered += noisy.delivered / seeds.length;
      }
      expect(delivered / clean.delivered, `${kind} ${rate}`).toBeGreaterThan(least);
    });
  });
});
