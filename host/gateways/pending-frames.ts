/**
 * Frames to one peer that are being committed. They go to its queue in the order in which they were prepared, for that is
 * the order of their numbers, whichever commit is over first.
 */
import type { Packet } from "../queue/packet.ts";

export interface Entry {
  packet: Packet;
  state: "writing" | "safe" | "unsure";
}

/** A frame of which it is not known whether it is in the store. */
export interface Unsure {
  key: string;
  settle(isThere: boolean): void;
}

export class PendingFrames {
  bytes = 0;
  private readonly entries: Entry[] = [];

  constructor(
    /** It is safe, and so are all that were prepared before it. */
    private readonly onSafe: (packet: Packet) => void,
    private readonly onAbandoned: (packet: Packet) => void,
  ) {}

  get count(): number {
    return this.entries.length;
  }

  add(packet: Packet): Entry {
    const entry: Entry = { packet, state: "writing" };
    this.entries.push(entry);
    this.bytes += packet.size;
    return entry;
  }

  /** Its commit failed: it may be in the store all the same. */
  doubt(entry: Entry): void {
    entry.state = "unsure";
  }

  settle(entry: Entry, isThere: boolean): void {
    const { entries } = this;
    if (isThere) entry.state = "safe";
    else {
      entries.splice(entries.indexOf(entry), 1);
      this.bytes -= entry.packet.size;
      this.onAbandoned(entry.packet);
    }
    let safe = 0;
    while (safe < entries.length && entries[safe].state === "safe") safe++;
    // Out of the row first: who hears of one may prepare the next.
    for (const { packet } of entries.splice(0, safe)) {
      this.bytes -= packet.size;
      this.onSafe(packet);
    }
  }

  unsure(): Entry[] {
    return this.entries.filter(({ state }) => state === "unsure");
  }

  /** None of them is wanted any more. */
  withdraw(): void {
    for (const { packet } of this.entries) packet.setInvalid();
  }
}
