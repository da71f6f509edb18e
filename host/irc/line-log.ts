/** The last lines of one network, both ways, for people. */
import { maskLine } from "./mask-line.ts";

/** Lines that are kept: an hour of a channel where much is said. */
const MAX_LINES = 500;
/** Characters of one: a line has 512 bytes, and only its tags make it longer. */
const MAX_CHARACTERS = 512;
/** The beat of both ends: it says nothing, and there is more of it than of all else. */
const beat = /^(?:@\S* +)?(?::\S* +)?P[IO]NG(?: |$)/i;

export interface IrcLine {
  /** Of this network since the gateway was started, from 1. */
  n: number;
  /** ms since 1970. */
  at: number;
  /** out: we said it. */
  way: "in" | "out";
  /** Without tags; what is secret in it is "***". */
  text: string;
}

export class LineLog {
  private readonly lines: IrcLine[] = [];
  private counted = 0;

  constructor(
    private readonly secrets: readonly string[],
    private readonly wall: () => number,
    private readonly onLine: (line: IrcLine) => void,
  ) {}

  note(way: IrcLine["way"], line: string): void {
    if (beat.test(line)) return;
    const text = maskLine(line, this.secrets).slice(0, MAX_CHARACTERS);
    const noted: IrcLine = { n: ++this.counted, at: this.wall(), way, text };
    this.lines.push(noted);
    if (this.lines.length > MAX_LINES) this.lines.shift();
    this.onLine(noted);
  }

  /** The newest first. */
  last(limit: number): IrcLine[] {
    return this.lines.slice(-limit).reverse();
  }
}
