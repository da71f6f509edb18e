/** Link and session of both ends of a cable in simulated time; the wires between are the test's. */
import { nodeEngine } from "../../host/platform/engine.ts";
import { Break } from "../link/frame.ts";
import { createLink, type Link, LinkLimit } from "../link/link.ts";
import { breakLink, linkDeadline, openLink, receiveChunk, tickLink } from "../link/receive-frame.ts";
import { flushLink, sendBytes } from "../link/send-frame.ts";
import { type Acceptor, acceptBytes, createAcceptor, tickAcceptor } from "../session/acceptor.ts";
import {
  attachSession,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "../session/lifecycle.ts";
import { receiveBytes } from "../session/receive.ts";
import { hexOf, type Side } from "./side.ts";

/** Events at one moment; two ends that answer each other for ever would let no time pass. */
const MOST_AT_ONCE = 10_000;

/** One direction. */
export interface Wire {
  put(bytes: Uint8Array, now: number): void;
  /** When the next chunk arrives; Infinity for none. */
  readonly nextAt: number;
  /** The next chunk. */
  take(): Uint8Array;
}

export class CableEnd {
  readonly link: Link;
  acceptor: Acceptor | null = null;
  linksOpened = 0;
  now = 0;
  private out: number[] = [];

  constructor(
    readonly side: Side,
    private readonly isBoard: boolean,
    private readonly line: Wire,
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
    if (this.acceptor !== null) tickAcceptor(this.acceptor, now);
    if (this.side.disconnected !== 0) {
      this.side.disconnected = 0;
      breakLink(this.link, Break.ASKED, now);
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
    this.linksOpened++;
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
        onDisconnect: () => {
          this.acceptor = null;
          breakLink(this.link, Break.ASKED, this.now);
        },
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

/** A board and its gateway, joined by two wires. */
export interface Cable {
  board: CableEnd;
  gateway: CableEnd;
  up: Wire;
  down: Wire;
}

/** Opens the link and lets time run to `endMs`; `feed` is called after each event. */
export function runCable(
  { board, gateway, up, down }: Cable,
  endMs: number,
  feed: (now: number) => void,
): void {
  openLink(board.link, 0);
  board.flush();
  let now = 0;
  let atOnce = 0;
  while (now < endMs) {
    const before = now;
    now = Math.min(up.nextAt, down.nextAt, Math.max(now, board.deadline), Math.max(now, gateway.deadline));
    atOnce = now > before ? 0 : atOnce + 1;
    if (atOnce > MOST_AT_ONCE)
      throw new RangeError(`runCable: ${atOnce} events at ${now} ms; allowed are ${MOST_AT_ONCE}`);
    if (board.deadline <= now) board.tick(now);
    if (gateway.deadline <= now) gateway.tick(now);
    while (up.nextAt <= now) gateway.take(up.take(), now);
    while (down.nextAt <= now) board.take(down.take(), now);
    feed(now);
    board.flush();
    gateway.flush();
  }
}
