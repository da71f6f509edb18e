/** What strangers have described of their own types, the latest: so many of them, so many types of each, so much in all. */
import type { TypeDescription } from "./type-description.ts";

const MAX_SENDERS = 64;
const MAX_TYPES = 32;
/** Characters of all, as JSON: some 500 for each of as many as there may be, where one alone may have 8192. */
export const MAX_LEARNED_CHARS = 1_048_576;

interface Learned {
  type: TypeDescription;
  chars: number;
}

export class LearnedTypes {
  /** Characters that are kept. */
  chars = 0;
  /** Sender, then ot. The sender that was heard last is the last. */
  private readonly senders = new Map<string, Map<string, Learned>>();

  add(sender: string, type: TypeDescription): void {
    const types = this.senders.get(sender) ?? new Map<string, Learned>();
    this.senders.delete(sender);
    this.senders.set(sender, types);
    this.forget(types, type.ot);
    const chars = sender.length + JSON.stringify(type).length;
    types.set(type.ot, { type, chars });
    this.chars += chars;
    if (types.size > MAX_TYPES) this.forget(types, firstOf(types));
    while (this.senders.size > MAX_SENDERS || (this.chars > MAX_LEARNED_CHARS && this.senders.size > 1))
      this.forgetSender(firstOf(this.senders));
  }

  of(sender: string): TypeDescription[] {
    return [...(this.senders.get(sender)?.values() ?? [])].map(({ type }) => type);
  }

  all(): TypeDescription[] {
    return [...this.senders.keys()].flatMap((sender) => this.of(sender));
  }

  private forgetSender(sender: string): void {
    const types = this.senders.get(sender)!;
    for (const ot of [...types.keys()]) this.forget(types, ot);
    this.senders.delete(sender);
  }

  private forget(types: Map<string, Learned>, ot: string): void {
    this.chars -= types.get(ot)?.chars ?? 0;
    types.delete(ot);
  }
}

function firstOf(map: ReadonlyMap<string, unknown>): string {
  return map.keys().next().value!;
}
