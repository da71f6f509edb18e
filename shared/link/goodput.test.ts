/**
 * Link and session together over a noisy 115 200 baud line, in simulated time (session part 3): nothing spoiled is ever
 * delivered, and noise costs no more goodput than it may.
 */
import { describe, expect, test } from "vitest";
import { nodeEngine } from "../../host/platform/engine.ts";
import { FaultyLine } from "../../host/transports/faulty.ts";
import { type Acceptor, acceptBytes, createAcceptor } from "../session/acceptor.ts";
import {
  attachSession,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "../session/lifecycle.ts";
import { receiveBytes } from "../session/receive.ts";
import { Phase } from "../session/state.ts";
import { hexOf, Side } from "../testing/side.ts";
import { createLink, type Link, LinkLimit } from "./link.ts";
import { breakLink, linkDeadline, openLink, receiveChunk, tickLink } from "./receive-frame.ts";
import { flushLink, sendBytes } from "./send-frame.ts";

/** 10 bits a byte. */
const BYTES_PER_MS = 11.52;
const CHUNK = 32;
const PACKET = 100;
const SECONDS = 120;

/** One direction: bytes leave one after the other at the line's speed, in chunks, spoiled on the way. */
class Line {
  freeAt = 0;
  readonly queue: { at: number; bytes: Uint8Array }[] = [];
  constructor(private readonly faults: FaultyLine) {}

  put(bytes: Uint8Array, now: number): void {
    for (let from = 0; from < bytes.length; from += CHUNK) {
      const piece = bytes.slice(from, from + CHUNK);
      this.freeAt = Math.max(this.freeAt, now) + piece.length / BYTES_PER_MS;
      this.faults.push(piece);
      for (const spoiled of this.faults.take()) this.queue.push({ at: this.freeAt, bytes: spoiled });
    }
  }
}

class CableEnd {
  readonly link: Link;
  acceptor: Acceptor | null = null;
  now = 0;
  private out: number[] = [];

  constructor(
    readonly side: Side,
    private readonly isBoard: boolean,
    private readonly line: Line,
  ) {
    this.link = createLink(
      isBoard,
      5,
      nodeEngine,
      {
        onWrite: (bytes, start, end) => {
          for (let i = start; i < end; i++) this.out.push(bytes[i]);
        },
        onOpened: () => this.begin(),
        onBroken: () => detachSession(side.session, this.now),
        onData: (bytes, start, end) => this.hear(bytes, start, end),
        onLog: () => {},
        onRepl: () => {},
      },
      new Uint8Array(1024),
      256,
    );
    side.session.maxInFlight = LinkLimit.PACKETS_IN_FLIGHT;
    side.session.syncCount = LinkLimit.PACKETS_IN_FLIGHT / 2;
  }

  tick(now: number): void {
    this.now = now;
    this.side.now = now;
    tickLink(this.link, now);
    tickSession(this.side.session, now);
    if (this.side.disconnected !== 0) {
      this.side.disconnected = 0;
      breakLink(this.link, 0x71, now);
    }
    this.flush();
  }

  take(chunk: Uint8Array, now: number): void {
    this.now = now;
    this.side.now = now;
    receiveChunk(this.link, chunk, now);
    this.flush();
  }

  flush(): void {
    const bytes = this.side.take();
    sendBytes(this.link, bytes, 0, bytes.length, this.now);
    flushLink(this.link, this.now);
    this.line.put(Uint8Array.from(this.out), this.now);
    this.out = [];
  }

  get deadline(): number {
    return Math.min(
      linkDeadline(this.link),
      sessionDeadline(this.side.session),
      this.acceptor?.deadline ?? Infinity,
    );
  }

  private begin(): void {
    this.side.take();
    if (this.isBoard) return connectSession(this.side.session, this.now);
    this.acceptor = createAcceptor(
      {
        onOutput: (bytes, start, end) => sendBytes(this.link, bytes, start, end, this.now),
        onRequest: (bytes, start, end) => {
          const id = hexOf(bytes.slice(start, end));
          attachSession(this.side.session, id === "", this.now);
          return true;
        },
        onRefused: () => 0,
        onDisconnect: () => {},
      },
      this.now,
    );
  }

  private hear(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    if (this.acceptor && !this.acceptor.taken) at = acceptBytes(this.acceptor, bytes, start, end, this.now);
    if (this.acceptor?.taken) this.acceptor.deadline = Infinity;
    if (at < end) receiveBytes(this.side.session, bytes, at, end, this.now);
  }
}

interface Run {
  delivered: number;
  spoiled: number;
  links: number;
}

/** A stream of packets from the board for SECONDS, and a request a second down. */
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
  openLink(board.link, 0);
  board.flush();
  let now = 0;
  let links = 0;
  let wasOpen = false;
  while (now < SECONDS * 1000) {
    now = Math.min(
      up.queue[0]?.at ?? Infinity,
      down.queue[0]?.at ?? Infinity,
      Math.max(now, board.deadline),
      Math.max(now, gateway.deadline),
    );
    if (board.deadline <= now) board.tick(now);
    if (gateway.deadline <= now) gateway.tick(now);
    while (up.queue.length > 0 && up.queue[0].at <= now) gateway.take(up.queue.shift()!.bytes, now);
    while (down.queue.length > 0 && down.queue[0].at <= now) board.take(down.queue.shift()!.bytes, now);
    while (board.side.session.phase !== Phase.ENDED && board.side.send(payload(sent)) > 0) sent++;
    board.flush();
    if (board.link.isOpen && !wasOpen) links++;
    wasOpen = board.link.isOpen;
  }
  const got = gateway.side.packets;
  const spoiled = got.filter((hex, n) => hex !== hexOf(payload(n))).length;
  return { delivered: got.length, spoiled, links };
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
