/** What each component went through, the newest changes of each name. */
import type { HistoryLine } from "./views.ts";

/** Of one name: a component that flaps once a minute is seen for an hour and a half. */
const MAX_LINES = 100;
/** The status text that goes with a line: the rest of it is in the component itself. */
const MAX_MESSAGE_CHARS = 200;

export class History {
  private readonly lines = new Map<string, HistoryLine[]>();

  add(line: HistoryLine): void {
    const lines = this.lines.get(line.name) ?? [];
    this.lines.set(line.name, lines);
    lines.push({ ...line, message: line.message.slice(0, MAX_MESSAGE_CHARS) });
    if (lines.length > MAX_LINES) lines.shift();
  }

  /** Oldest first. */
  of(name: string): readonly HistoryLine[] {
    return this.lines.get(name) ?? [];
  }

  recall(name: string, lines: readonly HistoryLine[]): void {
    this.lines.set(name, lines.slice(-MAX_LINES));
  }

  forget(name: string): void {
    this.lines.delete(name);
  }
}
