/** What a feed of chunks tells, decoded and printed: as lines for people or as JSON, each connection by itself. */

import { describeBegin, describeUnended, formatNote, formatPiece } from "../../frames/piece-line.ts";
import { type Piece, WireDecoder } from "../../frames/wire-decoder.ts";
import type { ChunkEvent, MissedEvent, OverEvent, WatchingEvent } from "../../http/api.ts";
import type { BowlineError } from "../../platform/errors.ts";
import type { LinkBegin } from "../../router/link-listener.ts";
import { formatJson, printable } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";
import type { CaptureFile } from "./capture-file.ts";
import type { ChunkHandler } from "./chunk-feed.ts";

/** After so long without a chunk, bytes without an END are shown as they stand. */
const IDLE_MS = 1000;

interface Wire {
  begin: LinkBegin;
  decoder: WireDecoder;
  isCable: boolean;
  idle: NodeJS.Timeout | undefined;
}

export interface SnifferOptions {
  /** What is listened to, as people know it. */
  name: string;
  json: boolean;
  capture: CaptureFile | null;
}

export class Sniffer implements ChunkHandler {
  private readonly wires = new Map<number, Wire>();
  private hasStood = false;
  /** ms: when the first event came, by our clock, and what is to be added to the gateway's, which a restart changes. */
  private firstAt: number | undefined;
  private offset: number | undefined;

  constructor(
    private readonly options: SnifferOptions,
    private readonly terminal: Terminal,
  ) {}

  onWatching({ gateway, links }: WatchingEvent): void {
    for (const wire of this.wires.values()) clearTimeout(wire.idle);
    this.wires.clear();
    this.offset = undefined;
    const how = this.hasStood ? "again" : "Ctrl-C ends it";
    const away = links === 0 ? "; it is away, and waited for" : "";
    this.hasStood = true;
    this.say(`listening to ${this.options.name} of ${gateway}; ${how}${away}`);
  }

  onLink(begin: LinkBegin): void {
    const { connection, name, wall, state } = begin;
    clearTimeout(this.wires.get(connection)?.idle);
    const decoder = new WireDecoder(state, (piece) => this.show(connection, piece));
    this.wires.set(connection, { begin, decoder, isCable: state.link !== null, idle: undefined });
    this.options.capture?.writeBegin(begin);
    this.note(connection, begin.t, describeBegin(begin), { kind: "link", name, wall });
  }

  onChunk({ connection, t, from, data }: ChunkEvent): void {
    const wire = this.wires.get(connection);
    if (wire === undefined) throw new TypeError(`chunk of connection ${connection}, which was not told of`);
    const bytes = Buffer.from(data, "base64");
    if (!wire.isCable) this.options.capture?.writeBytes(wire.begin, from, bytes, t);
    wire.decoder.read(from, bytes, t);
    clearTimeout(wire.idle);
    if (from === "board") wire.idle = setTimeout(() => this.showUnended(wire), IDLE_MS).unref();
  }

  onMissed({ connection, t, chunks, bytes, isSecret }: MissedEvent): void {
    const why = isSecret ? "the board is given its key" : "more came than was read here";
    const text = `${chunks} chunks, ${bytes} bytes were missed: ${why}`;
    const wire = this.wires.get(connection);
    if (wire !== undefined) this.options.capture?.writeNote(wire.begin, "missed", text, t);
    this.note(connection, t, text, { kind: "missed", chunks, bytes, isSecret });
  }

  onOver({ connection, t, reason }: OverEvent): void {
    const wire = this.wires.get(connection);
    clearTimeout(wire?.idle);
    wire?.decoder.end(t);
    this.wires.delete(connection);
    if (wire !== undefined) this.options.capture?.writeNote(wire.begin, "over", reason, t);
    this.note(connection, t, `${wire?.begin.name ?? "the connection"} is over: ${reason}`, {
      kind: "over",
      reason,
    });
  }

  onLost(error: BowlineError): void {
    this.say(`${error.message}; trying again until it is back`);
  }

  stop(): void {
    for (const wire of this.wires.values()) clearTimeout(wire.idle);
  }

  private show(connection: number, piece: Piece): void {
    const wire = this.wires.get(connection);
    if (wire?.isCable && piece.kind !== "message")
      this.options.capture?.writeBytes(wire.begin, piece.from, piece.bytes, piece.t);
    const seconds = this.secondsAt(piece.t);
    if (!this.options.json) {
      this.terminal.print(formatPiece(piece, seconds, wire?.isCable === true && piece.kind === "message"));
      return;
    }
    const { t, bytes, stage: _, ...words } = piece;
    const hex = Buffer.from(bytes).toString("hex");
    this.terminal.print(formatJson({ t: seconds, connection, ...words, hex }));
  }

  private note(connection: number, t: number, text: string, fields: object): void {
    const seconds = this.secondsAt(t);
    if (this.options.json) this.terminal.print(formatJson({ t: seconds, connection, ...fields }));
    else this.terminal.print(formatNote(text, seconds));
  }

  private showUnended({ decoder, begin }: Wire): void {
    const bytes = decoder.unended;
    if (bytes.length > 0) this.say(`${begin.name}: ${describeUnended(bytes)}`);
  }

  private say(text: string): void {
    this.terminal.warn(`sniff: ${printable(text)}`);
  }

  /** s since the first event. */
  private secondsAt(t: number): number {
    if (this.offset === undefined) {
      const now = performance.now();
      this.firstAt ??= now;
      this.offset = now - this.firstAt - t;
    }
    return Math.round(this.offset + t) / 1000;
  }
}
