/** What the bridge needs of one IRC network, and of the IRC-IoT participant on it. */
import type { Datum } from "../irc-iot/datum.ts";
import type { OutLine, Speaker } from "../irc-iot/line.ts";
import type { Unsent } from "../irc-iot/pack.ts";
import type { Profile } from "../irc-iot/participant-types.ts";

/** What a network vouches for; never by nick. */
export interface Proof {
  account: string | null;
  certfp: string | null;
}

/** An IrcNetwork fits. */
export interface NetworkPort {
  readonly state: string;
  readonly nick: string;
  /** Bytes of text that one line to `target` can carry. */
  budget(target: string): number;
  send(line: OutLine): void;
  fold(name: string): string;
  isChannel(name: string): boolean;
  /** Nicks in a channel. */
  members(channel: string): string[];
  /** null: who said it is not who has the nick now. */
  prove(speaker: Speaker): Promise<Proof | null>;
}

export interface PackTarget {
  name: string;
  /** What it can read; as the participant knows it when absent. */
  profile?: Profile;
  /** How its long Datums are encoded, where that is not as with everybody. */
  scheme?: string;
}

/** A Participant fits. */
export interface ParticipantPort {
  /** Throws an IrcIotError before any counter has moved. */
  pack(datums: readonly Datum[], target: PackTarget, budgetBytes: number): Unsent[];
  /** Its text, with the mid it has now that its turn has come. */
  stamp(unsent: Unsent, target: string, now: number): string;
  /** A Container that was said before, by an earlier process too. */
  remember(text: string, target: string, now: number): void;
}
