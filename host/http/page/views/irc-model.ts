/** IRC as the page keeps it: how it stands, and the last lines of all networks as they pass. */
import type { Ask, Slice } from "../slice.ts";
import { Answer } from "../slice.ts";
import type { Irc, IrcLine } from "../wire-shapes.ts";

/** Lines on the page. */
const MAX_LINES = 300;
const LOOK_EVERY_MS = 5000;
/** Live events bring each line; this finds what they missed. */
const LINES_EVERY_MS = 60_000;

export class IrcModel implements Slice {
  readonly status = new Answer<Irc>("/api/v1/irc", LOOK_EVERY_MS);
  /** The newest first; null: not known yet. */
  lines: IrcLine[] | null = null;
  /** While a person reads, what comes waits here. */
  held: IrcLine[] | null = null;
  filter = "";

  readonly asks: readonly Ask[] = [
    {
      ...{ key: "irc lines", path: () => `/api/v1/irc/lines?limit=${MAX_LINES}`, everyMs: LINES_EVERY_MS },
      take: ({ lines }: { lines: IrcLine[] }) => {
        if (this.held === null) this.lines = lines;
        else this.held = lines;
      },
    },
  ];
  readonly events = { irc: (line: IrcLine) => this.take(line) };

  clear(): void {
    this.lines = null;
    this.held = null;
  }

  pause(isPaused: boolean): void {
    if (isPaused) this.held = this.lines ?? [];
    else {
      this.lines = this.held;
      this.held = null;
    }
  }

  /** Those that a person looks for. */
  get shown(): IrcLine[] {
    const words = this.filter.toLowerCase().split(/\s+/);
    return (this.lines ?? []).filter(({ network, text }) => {
      const all = `${network} ${text}`.toLowerCase();
      return words.every((word) => all.includes(word));
    });
  }

  /** Lines that came while it was paused. */
  get unseen(): number {
    const newest = this.lines?.[0];
    const held = this.held ?? [];
    const at = held.findIndex(
      ({ network, n, at }) => newest?.network === network && newest.n === n && newest.at === at,
    );
    return at < 0 ? held.length : at;
  }

  private take(line: IrcLine): void {
    if (this.held !== null) this.held = [line, ...this.held].slice(0, MAX_LINES);
    else if (this.lines !== null) this.lines = [line, ...this.lines].slice(0, MAX_LINES);
  }
}
