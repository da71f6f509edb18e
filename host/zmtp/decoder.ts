/**
 * Bytes of one side of a connection, in any pieces, become its greeting, commands and messages.
 *
 * A unit is the greeting, a command, or a message with all its parts. Units that lie whole in a chunk are read where they
 * are; the beginning of one that is cut is kept until the bytes that say more are there. So memory is bounded by what has
 * come of one unit, never by what it announces.
 */
import { Budget } from "./budget.ts";
import type { ZmtpFault } from "./fault.ts";
import { Flag, KNOWN_FLAGS, LONG_HEADER_BYTES, SHORT_HEADER_BYTES } from "./frame.ts";
import { GREETING_BYTES, type Greeting, greetingFault, greetingStep, readGreeting } from "./greeting.ts";
import type { ZmtpLimits } from "./limits.ts";

/** Is told what was read, within feed(). Bytes are valid during the call only. */
export interface DecoderHandler {
  onGreeting(greeting: Greeting): void;
  onCommand(name: string, body: Uint8Array): void;
  onMessage(parts: readonly Uint8Array[]): void;
  /** The last call. */
  onFault(fault: ZmtpFault): void;
}

export type DecoderLimits = Pick<ZmtpLimits, "messageBytes" | "parts" | "commandBytes">;

const NOTHING: Buffer = Buffer.alloc(0);
const FIRST_KEPT_BYTES = 256;

export class ZmtpDecoder {
  private hasGreeted = false;
  private isOver = false;
  private isInterrupted = false;
  /** Of a unit that is cut: kept[0…held), and how many bytes there must be before it is looked at again. */
  private kept: Buffer = NOTHING;
  private held = 0;
  private needed = 0;
  /** Of the unit that is read: where its frames' bodies are, from its start. */
  private readonly bodies: { start: number; end: number }[] = [];

  constructor(
    private readonly limits: DecoderLimits,
    private readonly handler: DecoderHandler,
    /** Of what is kept. */
    private readonly budget = new Budget(Infinity),
  ) {
    for (let i = 0; i < limits.parts; i++) this.bodies.push({ start: 0, end: 0 });
  }

  /** Bytes of an unfinished unit that are kept. */
  get keptBytes(): number {
    return this.held;
  }

  /** How much of the chunk was read: all of it, but for what interrupt() and stop() leave. */
  feed(chunk: Uint8Array): number {
    this.isInterrupted = false;
    let at = 0;
    while (!this.isOver && !this.isInterrupted && at < chunk.length) {
      if (this.held > 0) at = this.complete(chunk, at);
      else {
        const end = this.read(chunk, at, chunk.length);
        if (end > 0) at = end;
        else at = this.keep(chunk, at);
      }
    }
    return at;
  }

  /** Called by the handler: what follows in this chunk is not read now. */
  interrupt(): void {
    this.isInterrupted = true;
  }

  /** Nothing more is read, not even of the chunk that is being read. */
  stop(): void {
    this.isOver = true;
    this.release();
  }

  /** Takes as many bytes as the cut unit needs next; where the chunk goes on. */
  private complete(chunk: Uint8Array, at: number): number {
    const next = this.keep(chunk, at);
    if (this.held < this.needed) return next;
    const { kept, held } = this;
    this.held = 0;
    const end = this.read(kept, 0, held);
    if (end === 0) this.held = held;
    else this.release(); // its parts were views of it, and an idle connection holds nothing
    return next;
  }

  private keep(chunk: Uint8Array, at: number): number {
    const size = Math.min(this.needed - this.held, chunk.length - at);
    const filled = this.held + size;
    if (filled > this.kept.length) {
      const roomy = Math.max(filled, 2 * this.kept.length, FIRST_KEPT_BYTES);
      const size = Math.min(roomy, Math.max(this.needed, filled));
      if (!this.budget.take(size - this.kept.length)) return this.fail(tooMuch(filled), chunk.length);
      const grown = Buffer.allocUnsafeSlow(size);
      grown.set(this.kept.subarray(0, this.held));
      this.kept = grown;
    }
    this.kept.set(chunk.subarray(at, at + size), this.held);
    this.held = filled;
    return at + size;
  }

  /** Reads one unit; where it ends, 0: it is cut, and `needed` says how much of it must be there. */
  private read(bytes: Uint8Array, start: number, end: number): number {
    if (!this.hasGreeted) return this.readGreeting(bytes, start, end);
    this.needed = SHORT_HEADER_BYTES;
    if (end - start < SHORT_HEADER_BYTES) return 0;
    return (bytes[start] & Flag.COMMAND) !== 0
      ? this.readCommand(bytes, start, end)
      : this.readMessage(bytes, start, end);
  }

  private readGreeting(bytes: Uint8Array, start: number, end: number): number {
    const seen = Math.min(end - start, GREETING_BYTES);
    const fault = greetingFault(bytes, start, start + seen);
    if (fault !== null) return this.fail(fault, end);
    this.needed = greetingStep(seen);
    if (seen < GREETING_BYTES) return 0;
    this.hasGreeted = true;
    this.handler.onGreeting(readGreeting(bytes, start));
    return start + GREETING_BYTES;
  }

  private readCommand(bytes: Uint8Array, start: number, end: number): number {
    const flags = bytes[start];
    if ((flags & ~KNOWN_FLAGS) !== 0 || (flags & Flag.MORE) !== 0) return this.failFlags(flags, end);
    const header = (flags & Flag.LONG) !== 0 ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
    this.needed = header;
    if (end - start < header) return 0;
    const size = sizeAt(bytes, start, flags);
    const { commandBytes } = this.limits;
    if (size > commandBytes) {
      const text = `reading a command: ${size} bytes; allowed are ${commandBytes}`;
      return this.fail({ code: "MESSAGE_TOO_LONG", text }, end);
    }
    this.needed = header + size;
    const [from, to] = [start + header, start + header + size];
    if (to > end) return 0;
    const nameEnd = from + 1 + bytes[from];
    if (size === 0 || nameEnd > to || nameEnd === from + 1) {
      const text = `reading a command: no name in ${size} bytes; allowed is a size and a name of 1…255 bytes`;
      return this.fail({ code: "BAD_COMMAND", text }, end);
    }
    this.handler.onCommand(asText(bytes, from + 1, nameEnd), bytes.subarray(nameEnd, to));
    return to;
  }

  private readMessage(bytes: Uint8Array, start: number, end: number): number {
    const { limits, bodies } = this;
    let at = start;
    let total = 0;
    for (let count = 0; ; ) {
      this.needed = at - start + SHORT_HEADER_BYTES;
      if (end - at < SHORT_HEADER_BYTES) return 0;
      const flags = bytes[at];
      if ((flags & ~(Flag.MORE | Flag.LONG)) !== 0) return this.failFlags(flags, end);
      if (count === limits.parts) {
        const text = `reading a message: more than ${count} parts; allowed are ${limits.parts}`;
        return this.fail({ code: "TOO_MANY_PARTS", text }, end);
      }
      const header = (flags & Flag.LONG) !== 0 ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
      this.needed = at - start + header;
      if (end - at < header) return 0;
      const size = sizeAt(bytes, at, flags);
      total += size;
      if (total > limits.messageBytes) {
        const text = `reading a message: ${total} bytes and more; allowed are ${limits.messageBytes}`;
        return this.fail({ code: "MESSAGE_TOO_LONG", text }, end);
      }
      const body = bodies[count++];
      body.start = at + header;
      body.end = at = body.start + size;
      // Bytes of a body that are not there yet tell nothing.
      this.needed = at - start;
      if (at > end) return 0;
      if ((flags & Flag.MORE) === 0) return this.deliver(bytes, count, at);
    }
  }

  private deliver(bytes: Uint8Array, count: number, end: number): number {
    // A list that stayed would hold the last chunk of every connection.
    const parts: Uint8Array[] = [];
    for (let i = 0; i < count; i++) parts.push(bytes.subarray(this.bodies[i].start, this.bodies[i].end));
    this.handler.onMessage(parts);
    return end;
  }

  private failFlags(flags: number, end: number): number {
    const seen = flags.toString(16).padStart(2, "0");
    const text = `reading a frame: flags ${seen}; allowed are 00…03, and 04 or 06 for a command between messages`;
    return this.fail({ code: "BAD_FRAME", text }, end);
  }

  private fail(fault: ZmtpFault, end: number): number {
    this.stop();
    this.handler.onFault(fault);
    return end;
  }

  private release(): void {
    this.budget.giveBack(this.kept.length);
    this.kept = NOTHING;
    this.held = 0;
  }
}

function tooMuch(bytes: number): ZmtpFault {
  const text = `reading: ${bytes} bytes of what is not whole, beside others'; allowed is what they leave`;
  return { code: "TOO_MUCH_UNFINISHED", text };
}

/** Exact up to 2^53; what is longer is beyond every limit all the same. */
function sizeAt(bytes: Uint8Array, at: number, flags: number): number {
  if ((flags & Flag.LONG) === 0) return bytes[at + 1];
  return wordAt(bytes, at + 1) * 0x1_0000_0000 + wordAt(bytes, at + 5);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

function asText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  return text;
}
