/** What passes on one link, decoded here as it comes: the last pieces of all its connections. */

import { describeBegin } from "../../../frames/piece-line.ts";
import { bytesOfBase64 } from "../../../frames/plain-bytes.ts";
import { type Piece, WireDecoder } from "../../../frames/wire-decoder.ts";
import type { WireState } from "../../../session/wire-shape.ts";

/** Pieces on the page. */
const MAX_PIECES = 300;
/** Of a piece's bytes: nobody reads more of them, and 300 blobs of 64 KiB would be 20 MB. */
const MAX_BYTES = 2048;
/** Connections of one link or board at once. */
const MAX_WIRES = 16;

export interface PieceRow {
  key: number;
  /** s since the first. */
  seconds: number;
  piece: Piece;
  /** It stands below the frame that brought its end. */
  isNested: boolean;
  /** Bytes that are left out. */
  cut: number;
}

export interface NoteRow {
  key: number;
  seconds: number;
  note: string;
}

export type FrameRow = PieceRow | NoteRow;

export const isNote = (row: FrameRow): row is NoteRow => "note" in row;

interface Begin {
  connection: number;
  name: string;
  t: number;
  state: WireState;
}

/** Of one connection. */
interface Told {
  connection: number;
  t: number;
}

export class FrameFeed {
  /** The newest first. */
  rows: FrameRow[] = [];
  /** As many as ever came: what is shown while it is paused is counted from. */
  count = 0;
  state: "connecting" | "live" | "lost" | "ended" = "connecting";
  private stream: EventSource | null = null;
  private readonly wires = new Map<number, { name: string; decoder: WireDecoder }>();
  private firstAt: number | undefined;
  private last = 0;

  constructor(
    private readonly link: string,
    private readonly onChange: () => void,
  ) {}

  open(): void {
    const stream = new EventSource(`/api/v1/links/${encodeURIComponent(this.link)}/chunks`);
    this.stream = stream;
    const on = <T>(event: string, take: (told: T) => void) =>
      stream.addEventListener(event, ({ data }: MessageEvent<string>) => {
        take(JSON.parse(data));
        this.onChange();
      });
    on("watching", () => this.begin());
    on("link", (begin: Begin) => this.takeLink(begin));
    on("chunk", ({ connection, t, from, data }: Told & { from: Piece["from"]; data: string }) =>
      this.wires.get(connection)?.decoder.read(from, bytesOfBase64(data), t),
    );
    on(
      "missed",
      ({ t, chunks, bytes, isSecret }: Told & { chunks: number; bytes: number; isSecret: boolean }) => {
        const why = isSecret ? "the board is given its key" : "more came than was read here";
        this.note(t, `${chunks} chunks, ${bytes} bytes were missed: ${why}`);
      },
    );
    on("over", ({ connection, t, reason }: Told & { reason: string }) => this.end(connection, t, reason));
    stream.onerror = () => {
      // The browser tries again by itself, unless the gateway says that there is no such link.
      this.state = stream.readyState === EventSource.CLOSED ? "ended" : "lost";
      this.onChange();
    };
  }

  close(): void {
    this.stream?.close();
    this.stream = null;
  }

  /** The stream stands, for the first time or again: what was known of connections is void. */
  private begin(): void {
    this.state = "live";
    this.wires.clear();
    this.firstAt = undefined;
  }

  private takeLink(begin: Begin): void {
    const { connection, name, t, state } = begin;
    const decoder = new WireDecoder(state, (piece) => {
      const isNested = state.link !== null && piece.kind === "message";
      const cut = Math.max(0, piece.bytes.length - MAX_BYTES);
      const kept = cut === 0 ? piece : { ...piece, bytes: piece.bytes.slice(0, MAX_BYTES) };
      this.add({ key: 0, seconds: this.secondsAt(piece.t), piece: kept, isNested, cut });
    });
    if (this.wires.size >= MAX_WIRES) this.wires.delete(this.wires.keys().next().value!);
    this.wires.set(connection, { name, decoder });
    this.note(t, describeBegin(begin));
  }

  private end(connection: number, t: number, reason: string): void {
    const wire = this.wires.get(connection);
    wire?.decoder.end(t);
    this.wires.delete(connection);
    this.note(t, `${wire?.name ?? "the connection"} is over: ${reason}`);
  }

  private note(t: number, note: string): void {
    this.add({ key: 0, seconds: this.secondsAt(t), note });
  }

  private add(row: FrameRow): void {
    this.count++;
    this.rows = [{ ...row, key: this.count }, ...this.rows].slice(0, MAX_PIECES);
  }

  private secondsAt(t: number): number {
    // After a break the gateway may be another one, with another clock: it goes on from where it was.
    this.firstAt ??= t - this.last * 1000;
    this.last = Math.max(this.last, Math.round(t - this.firstAt) / 1000);
    return Math.round(t - this.firstAt) / 1000;
  }
}
