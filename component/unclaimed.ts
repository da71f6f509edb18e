/**
 * What waits for nobody yet: the work has just begun anew, and its sources are opened one after the other. Each of them is
 * given what the same one had before, so of two that hear the same neither takes it from the other.
 */
import type { Arrived } from "./inbox.ts";
import type { Source } from "./words.ts";

interface Entry {
  arrived: Arrived;
  /** Of the work before, not opened again so far. */
  for: Set<Source>;
}

export class Unclaimed {
  private entries: Entry[] = [];
  /** Sources of the work before, not opened again so far. */
  private former: Source[] = [];

  all(): Arrived[] {
    return this.entries.map(({ arrived }) => arrived);
  }

  /** -> whether it is kept: a source will ask for it, or `isAnybodys`, and the first that does has it. */
  add(arrived: Arrived, isAnybodys: boolean): boolean {
    const sources = this.former.filter((one) => isFor(one, arrived));
    arrived.copies += sources.length;
    if (sources.length > 0 || isAnybodys) this.entries.push({ arrived, for: new Set(sources) });
    return sources.length > 0 || isAnybodys;
  }

  /** For whoever asks next, in the order of arrival. */
  putBack(given: readonly Arrived[]): void {
    for (const arrived of given) {
      arrived.copies = 0;
      this.entries.push({ arrived, for: new Set() });
    }
    this.entries.sort((a, b) => a.arrived.at - b.arrived.at);
  }

  /** -> what it is given, and what of it stays here for others too. */
  open(source: Source): { given: Arrived[]; stays: Arrived[] } {
    const index = this.former.findIndex((one) => isSame(one, source));
    const again = this.former.splice(index, index < 0 ? 0 : 1).at(0);
    const [given, stays]: Arrived[][] = [[], []];
    this.entries = this.entries.filter((entry) => {
      const { arrived } = entry;
      const wasFor = again !== undefined && entry.for.delete(again);
      const isGiven = wasFor || (isFor(source, arrived) && (again === undefined || entry.for.size === 0));
      if (!isGiven) return true;
      given.push(arrived);
      if (wasFor && entry.for.size > 0) stays.push(arrived);
      else if (!wasFor) arrived.copies = 1;
      return wasFor && entry.for.size > 0;
    });
    return { given, stays };
  }

  /** Takes it out -> those it took. */
  withdraw(id: string): Arrived[] {
    const taken = this.entries.filter(({ arrived }) => arrived.message.id === id);
    if (taken.length > 0) this.entries = this.entries.filter(({ arrived }) => arrived.message.id !== id);
    return taken.map(({ arrived }) => arrived);
  }

  /** The oldest; `isCopy`: another source was given it. */
  shift(): { arrived: Arrived; isCopy: boolean } | undefined {
    const entry = this.entries.shift();
    return entry && { arrived: entry.arrived, isCopy: isCopy(entry) };
  }

  /** Work that has not asked for anything yet will ask for what it did before. */
  restart(had: readonly { source: Source; arrived: readonly Arrived[] }[]): void {
    if (had.length === 0) return;
    const again = new Map<number, Entry>();
    // For whom it was has not come back; who had it besides has done with it.
    for (const entry of this.entries.filter((one) => !isCopy(one))) {
      entry.arrived.copies = 0;
      again.set(entry.arrived.at, { arrived: entry.arrived, for: new Set() });
    }
    for (const { source, arrived: all } of had)
      for (const arrived of all) {
        const entry = again.get(arrived.at) ?? { arrived, for: new Set() };
        entry.for.add(source);
        again.set(arrived.at, entry);
      }
    this.entries = [...again.values()].sort((a, b) => a.arrived.at - b.arrived.at);
    this.former = had.map(({ source }) => source);
  }
}

export function isFor(source: Source, { from, tag }: Arrived): boolean {
  if (source.from === "controller" || from === "controller") return source.from === from;
  return source.topics.some((topic) => tag.startsWith(topic));
}

function isCopy({ arrived, for: sources }: Entry): boolean {
  return sources.size < arrived.copies;
}

function isSame(one: Source, other: Source): boolean {
  if (one.from === "controller" || other.from === "controller") return one.from === other.from;
  return (
    one.topics.length === other.topics.length && one.topics.every((topic, i) => topic === other.topics[i])
  );
}
