/** The newest messages of all boards. */
import { formatFields } from "./format.ts";
import type { Gap, Message } from "./shapes.ts";

export const MAX_NEWEST = 50;

/** A line of the list. */
export interface Line {
  n: number;
  at: number;
  device: string;
  type: string;
  text: string;
}

export class NewestModel {
  /** The newest first. */
  lines: readonly Line[] = [];
  /** Messages that were given up, or went by while nobody looked. */
  unseen = 0;

  clear(): void {
    this.lines = [];
    this.unseen = 0;
  }

  takeMessage(message: Message): void {
    this.lines = [asLine(message), ...this.lines.slice(0, MAX_NEWEST - 1)];
  }

  takeGap({ from, to }: Gap): void {
    this.unseen += to - from + 1;
  }
}

function asLine({ n, at, device, message }: Message): Line {
  const text = formatFields(message)
    .map((field) => `${field.name} ${field.text}`)
    .join(" · ");
  return { n, at, device, type: typeOf(message), text };
}

function typeOf({ ot, re }: Record<string, unknown>): string {
  if (typeof ot === "string") return ot.slice(0, 64);
  return re === undefined ? "message" : `reply ${String(re).slice(0, 16)}`;
}
