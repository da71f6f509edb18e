/** Who was not let in, or may not, counted by where it was tried, and how many were of late. */
import type { Hub } from "../hub/hub.ts";
import type { IrcView } from "../irc-bridge/views.ts";
import type { Tallies } from "../session/tallies.ts";
import { MINUTE_MS } from "./condition.ts";

export const surfaces = ["board", "gateway", "http", "irc", "kill"] as const;
export type Surface = (typeof surfaces)[number];
export type AuthFailures = Readonly<Record<Surface, number>>;

export interface AuthSources {
  readonly tallies: Tallies;
  /** null: there is no hub. */
  readonly work: { hubView(): Pick<Hub, "counts"> | null };
}

/** Since the gateway began. */
export function countAuthFailures({ tallies, work }: AuthSources, irc: IrcView): AuthFailures {
  const kills = Object.values(work.hubView()?.counts.refusedKills ?? {});
  return {
    board: tallies.boards.authFailures,
    gateway: tallies.gateways.authFailures,
    http: tallies.http.authFailures,
    irc: irc.networks.reduce((sum, one) => sum + one.participant.signaturesRefused, irc.commands.refused),
    kill: kills.reduce((sum, count) => sum + count, 0),
  };
}

/** What is counted together. */
export const LATELY_MS = 10 * MINUTE_MS;
/** So far apart are the counts that are kept: there are never more than LATELY_MS / STEP_MS + 1 of them. */
const STEP_MS = MINUTE_MS / 2;

/** How many there were in the last minutes. */
export class RecentAuthFailures {
  /** The oldest first. */
  private seen: { at: number; counts: AuthFailures }[] = [];

  note(counts: AuthFailures, now: number): AuthFailures {
    // The clock may have been put back meanwhile: those counts are as old as nobody knows.
    this.seen = this.seen.filter(({ at }) => at <= now && now - at <= LATELY_MS);
    const last = this.seen.at(-1);
    if (last === undefined || now - last.at >= STEP_MS) this.seen.push({ at: now, counts });
    const [{ counts: before }] = this.seen;
    const grown = surfaces.map((surface) => [surface, Math.max(0, counts[surface] - before[surface])]);
    return Object.fromEntries(grown) as AuthFailures;
  }
}
