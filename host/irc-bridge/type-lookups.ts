/**
 * Our registry asked over IRC, and those of others read: `lookup` is answered for our boards and ourselves, `answer` teaches
 * what a robot says of its own types (IRC-IoT S-14, S-15).
 */
import type { Datum } from "../irc-iot/datum.ts";
import type { Speaker } from "../irc-iot/line.ts";
import { answerLookup, learnAnswer } from "../irc-iot/lookup.ts";
import type { Registry } from "../irc-iot/registry.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Addresses } from "./addresses.ts";
import type { CommandDesk } from "./command-desk.ts";
import { ReplyLimit } from "./reply-limit.ts";

export interface TypeLookupServices {
  registry: Registry;
  addresses: Addresses;
  desk: Pick<CommandDesk, "identify">;
  readers: "anyone" | "operators";
  clock: Pick<Clock, "now">;
  log: Log;
  /** Known boards, as the router has them. */
  devices(): string[];
  answer(speaker: Speaker, datums: readonly Datum[]): void;
}

/** Of a Datum's source, what counts here. */
interface LookupSource {
  speaker: Speaker;
  channel: string | null;
  identity: { key: string | null };
}

/** All askers together have what one of them has elsewhere: a description is some lines, and telemetry goes first. */
const EVERYBODY = "everybody";

export class TypeLookups {
  private readonly limit = new ReplyLimit();

  constructor(private readonly services: TypeLookupServices) {}

  isOne({ ot }: Datum): boolean {
    return ot === "lookup" || ot === "answer";
  }

  take(datum: Datum, source: LookupSource): void {
    this.deal(datum, source).catch((error: unknown) => {
      this.services.log.error({ component: "irc", error: String(error) }, "a lookup is not answered");
    });
  }

  private async deal(datum: Datum, { speaker, channel, identity }: LookupSource): Promise<void> {
    const { registry, desk, readers, answer, addresses, clock } = this.services;
    const ours = this.ours(channel);
    if (datum.ot === "answer") {
      // Whoever says it in our name is not us.
      const board = addresses.toBoard(datum.src);
      if (datum.src !== addresses.own && (board === undefined || board.includes("/")))
        learnAnswer(datum, registry);
      return;
    }
    if (datum.dst !== "" && !ours.includes(datum.dst)) return;
    const answers = answerLookup(datum, { registry, addresses: ours, self: addresses.own });
    if (answers.length === 0 || !this.limit.take(EVERYBODY, clock.now())) return;
    if (readers === "operators" && (await desk.identify(speaker, identity.key)) === null) return;
    answer(speaker, answers);
  }

  /** Addresses we answer for. In a channel a board of another gateway is that one's to describe: it hears it as well. */
  private ours(channel: string | null): string[] {
    const { devices, addresses } = this.services;
    const boards = devices().filter((device) => channel === null || !device.includes("/"));
    return [addresses.own, ...boards.map((device) => addresses.ofBoard(device))];
  }
}
