/** How soon a 115 200 baud line is in step again after one byte of it was spoiled, wherever that stands (session part 3). */
import { expect, test } from "vitest";
import { Phase } from "../session/state.ts";
import { CableEnd, runCable, type Wire } from "../testing/cable.ts";
import { hexOf, Side } from "../testing/side.ts";

/** 10 bits a byte. */
const BYTES_PER_MS = 11.52;
const CHUNK = 4;
const PACKET = 100;
/** A packet's frame: its size, six bytes of frame around it, a CRC, and the END. */
const FRAME = PACKET + 9;
/** The first byte that may be spoiled: by then the session stands. */
const FROM = 600;

type Fault = (byte: number) => number[];
const faults: Record<string, Fault> = {
  "a byte that is lost": () => [],
  "a byte that comes in addition": (byte) => [0x55, byte],
  "an END that comes in addition": (byte) => [0xc0, byte],
  "a byte of which one bit is flipped": (byte) => [byte ^ 0x10],
};

/** One direction, in small chunks at the line's speed; byte number `at` is spoiled. */
class Line implements Wire {
  freeAt = 0;
  spoiledAt = Infinity;
  private passed = 0;
  private readonly queue: { at: number; bytes: Uint8Array }[] = [];
  constructor(
    private readonly at: number,
    private readonly fault: Fault,
  ) {}

  put(bytes: Uint8Array, now: number): void {
    for (let from = 0; from < bytes.length; from += CHUNK) {
      const piece = bytes.slice(from, from + CHUNK);
      this.freeAt = Math.max(this.freeAt, now) + piece.length / BYTES_PER_MS;
      const place = this.at - this.passed;
      this.passed += piece.length;
      const isSpoiled = place >= 0 && place < piece.length;
      if (isSpoiled) this.spoiledAt = this.freeAt;
      const out = isSpoiled
        ? [...piece].flatMap((byte, i) => (i === place ? this.fault(byte) : [byte]))
        : piece;
      this.queue.push({ at: this.freeAt, bytes: Uint8Array.from(out) });
    }
  }

  get nextAt(): number {
    return this.queue[0]?.at ?? Infinity;
  }

  take(): Uint8Array {
    return this.queue.shift()!.bytes;
  }
}

/** Frame behind frame from the board -> ms from the spoiled byte until the link stands again; 0 when it never broke. */
function brokenFor(at: number, fault: Fault): number {
  const up = new Line(at, fault);
  const down = new Line(Infinity, fault);
  const board = new CableEnd(new Side({ isClient: true }), true, up);
  const gateway = new CableEnd(new Side({ isClient: false }), false, down);
  let sent = 0;
  let standsAt = 0;
  const payload = (n: number) => {
    const bytes = new Uint8Array(PACKET).fill(0x20 + (n % 90));
    new DataView(bytes.buffer).setUint32(0, n);
    return bytes;
  };
  runCable({ board, gateway, up, down }, 250, (now) => {
    if (standsAt === 0 && gateway.linksOpened > 1) standsAt = now;
    // The next one when the last is on its way, as from a board whose port holds a frame.
    if (board.side.session.phase === Phase.OPEN && up.freeAt <= now + FRAME / BYTES_PER_MS)
      board.side.send(payload(sent++));
  });
  const got = gateway.side.packets;
  expect(got).toEqual(got.map((_, n) => hexOf(payload(n))));
  expect(got.length, "goes on").toBeGreaterThan(12);
  expect(gateway.linksOpened).toBeLessThanOrEqual(2);
  return standsAt === 0 ? 0 : standsAt - up.spoiledAt;
}

test.each(Object.entries(faults))(
  "%s costs the rest of its frame, and the link stands again within 50 ms",
  (_, fault) => {
    const all = Array.from({ length: FRAME }, (_, i) => brokenFor(FROM + i, fault));
    expect(Math.max(...all)).toBeLessThan(50);
    // An END between two frames is nothing: the link need not break.
    expect(all.filter((ms) => ms > 0).length).toBeGreaterThan(FRAME - 4);
  },
);
