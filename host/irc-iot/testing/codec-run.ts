/** Lines through decoder and reassembly, as one listener hears them of one sender. */
import type { Datum } from "../datum.ts";
import type { Fault } from "../fault-code.ts";
import { defaultLimits } from "../limits.ts";
import { decodeMessage } from "../message.ts";
import type { Unsent } from "../pack.ts";
import { isFault, Reassembler } from "../reassembly.ts";
import type { SchemeSettings } from "../scheme.ts";

export interface Heard {
  datums: Datum[];
  faults: Fault[];
}

export class Listener {
  readonly reassembler: Reassembler;

  constructor(
    schemes: SchemeSettings,
    private readonly limits = defaultLimits,
  ) {
    this.reassembler = new Reassembler(limits, schemes);
  }

  /** One line; what came of it. */
  hear(text: string, now = 0, sender = "them"): Heard {
    const decoded = decodeMessage(text, this.limits);
    if ("code" in decoded) return { datums: [], faults: [decoded] };
    const heard: Heard = { datums: [], faults: [] };
    for (const { datums, fragments, faults } of decoded.containers) {
      heard.datums.push(...datums);
      heard.faults.push(...faults);
      for (const fragment of fragments) {
        const result = this.reassembler.take(fragment, sender, { channel: "#lab" }, now);
        if (result === null) continue;
        if (isFault(result)) heard.faults.push(result);
        else heard.datums.push(result);
      }
    }
    return heard;
  }

  hearAll(texts: readonly string[]): Heard {
    const all = texts.map((text) => this.hear(text));
    return { datums: all.flatMap(({ datums }) => datums), faults: all.flatMap(({ faults }) => faults) };
  }
}

/** The lines as a sender would put them on the wire whose counter is at `mid`. */
export function textsOf(lines: readonly Unsent[], mid: number): string[] {
  return lines.map(({ head, tail }, i) => `${head}${mid + 1 + i}${tail}`);
}
