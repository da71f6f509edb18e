/** Lines of IRC-IoT, one after the other, as everybody's receiver reads them: Containers, and Datums rebuilt from fragments. */
import type { Datum } from "../../irc-iot/datum.ts";
import type { Fault } from "../../irc-iot/fault-code.ts";
import { defaultLimits, type Limits } from "../../irc-iot/limits.ts";
import { type Container, decodeMessage } from "../../irc-iot/message.ts";
import { type Missing, Reassembler } from "../../irc-iot/reassembly.ts";
import type { SchemeSettings } from "../../irc-iot/scheme.ts";
import type { LogLine } from "./log-line.ts";
import { type SignatureState, Signatures } from "./signatures.ts";

/** A log has more senders at once than a channel, and no clock that would end their chains. */
const limits: Limits = { ...defaultLimits, maxChains: 16_384, maxChainsOfSender: 4096 };
/** Containers that are known again when they are said again. */
const MAX_KNOWN = 16_384;

export interface ReadContainer {
  container: Container;
  /** Its own Datums, then those of which it had the last fragment. */
  datums: Datum[];
  /** Of its fragments; what the Container itself has is with it. */
  faults: Fault[];
  /** The same one said the same before: sent again for whoever missed it, and of no effect on who did not. */
  isRepeat: boolean;
  signature: SignatureState;
}

export class MessageReader {
  private readonly reassembler: Reassembler;
  private readonly known = new Set<string>();

  constructor(
    readonly schemes: SchemeSettings,
    private readonly signatures = new Signatures(),
  ) {
    this.reassembler = new Reassembler(limits, schemes);
  }

  /** `at`: the number of the line, in place of a time: a log is read when everything in it is over. */
  read({ nick, channel, text }: LogLine, at: number): ReadContainer[] | Fault {
    const decoded = decodeMessage(text.trim(), limits);
    if ("code" in decoded) return decoded;
    return decoded.containers.map((container) => this.readContainer(container, nick, channel, at));
  }

  /** Chains that nobody has completed; `quietSince` is the line of the last fragment. */
  unfinished(): Missing[] {
    return this.reassembler.missing(Number.POSITIVE_INFINITY);
  }

  private readContainer(
    container: Container,
    nick: string,
    channel: string | null,
    at: number,
  ): ReadContainer {
    const rebuilt: Datum[] = [];
    const faults: Fault[] = [];
    for (const fragment of container.fragments) {
      const taken = this.reassembler.take(fragment, nick.toLowerCase(), { channel }, at);
      if (taken === null) continue;
      if (isFault(taken)) faults.push(taken);
      else rebuilt.push(taken);
    }
    const isRepeat = this.isKnown(`${nick.toLowerCase()} ${container.text}`);
    const signature = isRepeat ? undefined : this.signatures.judge(nick, container);
    return { container, datums: [...container.datums, ...rebuilt], faults, isRepeat, signature };
  }

  private isKnown(name: string): boolean {
    if (this.known.has(name)) return true;
    this.known.add(name);
    const [first] = this.known;
    if (this.known.size > MAX_KNOWN) this.known.delete(first);
    return false;
  }
}

/** A Datum may have a field called code: a fault has nothing else but its reason. */
function isFault(taken: Datum | Fault): taken is Fault {
  return !("ot" in taken);
}
