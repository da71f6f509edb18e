/**
 * Datums from IRC that ask something of our boards. One is a request when it is for a board (`dst`), and is neither a reply
 * nor an error nor one of IRC-IoT's own types. `rq` in it is what its answer names as `re`, else the Container's mid; with
 * `key` in it, 8 to 64 characters, it is the same request however often and in whatever Container it is said; with `kill`
 * it withdraws the request of that `rq`.
 */
import type { Datum } from "../irc-iot/datum.ts";
import { parseDatumTime } from "../irc-iot/datum-time.ts";
import { defaultLimits } from "../irc-iot/limits.ts";
import type { Speaker } from "../irc-iot/line.ts";
import type { Addresses } from "./addresses.ts";
import type { Refusal } from "./asks.ts";
import { type Asked, type CommandDesk, NOT_PROVED } from "./command-desk.ts";
import { messageOfDatum } from "./datum-content.ts";

/** Of it, what counts here. */
export interface DatumSource {
  speaker: Speaker;
  channel: string | null;
  mid: string;
  containerText: string;
  identity: { key: string | null };
}

export interface DatumRequestServices {
  addresses: Addresses;
  desk: CommandDesk;
  commandAgeMs: number;
  wall(): number;
  knows(device: string): boolean;
  /** Answers a Datum in private, if who said it has not had too many answers of late. */
  refuse(speaker: Speaker, datum: Datum, re: string | number, refusal: Refusal): void;
}

/** Of IRC-IoT itself, and errors, to which nobody may react (IRC-IoT §17, §18). */
const OWN_TYPES = /^(err|bch(req|ack|nfo)|enc(req|ack|nfo)|lookup|answer)$/;
const LONGEST_NUMBER = 64;
const KEY = /^[\x21-\x7e]{8,64}$/;

export class DatumRequests {
  constructor(private readonly services: DatumRequestServices) {}

  /** Resolves once what is for a board of ours is accepted, or refused. */
  async take(datum: Datum, source: DatumSource): Promise<void> {
    const device = this.boardOf(datum, source);
    if (device !== null) await this.ask(device, datum, source);
  }

  private boardOf({ ot, src, dst, re, err }: Datum, { channel }: DatumSource): string | null {
    // No addresses: an answer would have to repeat the one, and the log the other, however long they are.
    if (Math.max(src.length, dst.length) > defaultLimits.maxAddress) return null;
    if (dst === "" || re !== undefined || err !== undefined || OWN_TYPES.test(ot)) return null;
    const device = this.services.addresses.toBoard(dst);
    if (device === undefined) return null;
    // A board of another gateway, in a channel: that one hears it as well, and it would be done twice.
    if (device.includes("/") && (channel !== null || !this.services.knows(device))) return null;
    return device;
  }

  private async ask(device: string, datum: Datum, source: DatumSource): Promise<void> {
    const { desk, refuse } = this.services;
    const { speaker, channel, mid } = source;
    const re = numberOf(datum.rq) ?? mid;
    const isKill = datum.kill !== undefined;
    const wrong = await this.hide(this.check(device, datum, source), source);
    // What the desk refuses itself, it has told the audit of.
    if (wrong !== null)
      desk.refused({ speaker, channel, device }, isKill ? "cancel" : datum.ot, wrong.refused);
    const refusal =
      wrong ??
      (isKill
        ? await this.cancel(device, datum, source)
        : await desk.ask(this.asked(device, datum, source, re)));
    if (refusal !== null) refuse(speaker, datum, re, refusal);
  }

  private asked(device: string, datum: Datum, source: DatumSource, re: string | number): Asked {
    const { speaker, channel, mid, containerText, identity } = source;
    return {
      ...{ speaker, channel, key: identity.key, device, message: messageOfDatum(datum), style: "datum", re },
      ...{ src: datum.dst, dst: datum.src, sameAs: sameAs(datum, mid, containerText) },
    };
  }

  private check(device: string, { t }: Datum, { identity }: DatumSource): Refusal | null {
    const { knows, wall, commandAgeMs } = this.services;
    if (identity.key !== null) {
      // Whoever heard a signed line can say it again: without a time it would be good for ever.
      const made = parseDatumTime(t);
      if (made === undefined || Math.abs(wall() - made) > commandAgeMs)
        return {
          refused: "STALE",
          reason: `t is ${made === undefined ? "missing" : "too far from now"}; allowed: ${commandAgeMs / 1000} s`,
        };
    }
    return knows(device) ? null : { refused: "DEVICE_UNKNOWN", reason: `no board ${device}` };
  }

  /** Which boards there are is nothing to find out for who has not proved who they are. */
  private async hide(wrong: Refusal | null, { speaker, identity }: DatumSource): Promise<Refusal | null> {
    if (wrong?.refused !== "DEVICE_UNKNOWN") return wrong;
    return (await this.services.desk.identify(speaker, identity.key)) === null ? NOT_PROVED : wrong;
  }

  private async cancel(device: string, datum: Datum, source: DatumSource): Promise<Refusal | null> {
    const { desk } = this.services;
    const { speaker, channel, identity } = source;
    return desk.cancel({ speaker, channel, key: identity.key, device }, numberOf(datum.kill));
  }
}

function sameAs(datum: Datum, mid: string, text: string): string[] {
  const { key } = datum;
  if (isRequestKey(key)) return ["key", key];
  // Of several Datums in one Container each is a request of its own.
  return ["said", mid, text, JSON.stringify(datum)];
}

export const isRequestKey = (key: unknown): key is string => typeof key === "string" && KEY.test(key);

/** What an answer repeats is as long as a number is, not as the asker likes. */
const numberOf = (value: unknown) =>
  (typeof value === "string" && value.length <= LONGEST_NUMBER) || typeof value === "number"
    ? value
    : undefined;
