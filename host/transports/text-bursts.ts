/**
 * What a port says that is not ours, for people: boot banners, a prompt, another program's output. Such text has no
 * delimiter but silence, so the inter-byte-timeout parser gathers it; frames are never delimited so (session part 3).
 */
import { InterByteTimeoutParser } from "@serialport/parser-inter-byte-timeout";

const SILENCE_MS = 150;
const MAX_BURST_BYTES = 1024;
/** Bursts told of one connection; a port that chatters for ever is told no more. */
const MAX_BURSTS = 5;
const SHOWN_CHARACTERS = 200;

const TERMINAL_COMMAND = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, "g");

/** What a burst looks like. */
export interface Burst {
  text: string;
  /** An Espruino prompt or banner: the board runs, but not our firmware. */
  isPrompt: boolean;
}

export class TextBursts {
  private readonly parser = new InterByteTimeoutParser({
    interval: SILENCE_MS,
    maxBufferSize: MAX_BURST_BYTES,
  });
  private told = 0;
  private readonly onBurst: (burst: Burst) => void;

  constructor(onBurst: (burst: Burst) => void) {
    this.onBurst = onBurst;
    this.parser.on("data", (bytes: Buffer) => this.look(bytes));
  }

  /** The chunk is copied. */
  push(chunk: Uint8Array): void {
    if (this.told < MAX_BURSTS) this.parser.write(Buffer.from(chunk));
  }

  stop(): void {
    this.parser.removeAllListeners("data");
    this.parser.destroy();
  }

  private look(bytes: Buffer): void {
    const burst = readBurst(bytes);
    if (burst === null || this.told >= MAX_BURSTS) return;
    this.told++;
    this.onBurst(burst);
  }
}

/** The text in `bytes`; null when they are mostly not text. */
export function readBurst(bytes: Buffer): Burst | null {
  const shown = bytes
    .toString("latin1")
    .replace(TERMINAL_COMMAND, "")
    .replace(/[^\x20-\x7e\n]+/g, " ");
  const text = shown.replace(/\s+/g, " ").trim();
  const printable = bytes.filter(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13,
  ).length;
  if (text === "" || printable < bytes.length * 0.8) return null;
  return {
    text: text.slice(0, SHOWN_CHARACTERS),
    isPrompt: /Espruino|espruino|^(>|debug>)$|\n>$/.test(shown.trimEnd()),
  };
}
