/**
 * What somebody who missed something may have of what we keep (IRC-IoT S-5, S-6).
 *
 * Its owner is asked (10, 20, 30): what we said ourselves. Everybody is asked (11, 21, 31): what was said in a channel,
 * by whomever. What was said privately is for nobody but whom it was said to; what was said in a channel only for who is
 * in it. An id that two owners use is answered by none.
 */
import type { CachedContainer, ContainerCache, IdKind } from "./container-cache.ts";
import type { LostRequest } from "./message.ts";
import type { Mouth } from "./saying.ts";

export interface LostAsker {
  nick: string;
  /** Its sender key. */
  party: string;
  /** Where it asks; null: privately. */
  channel: string | null;
}

export class LostSearch {
  constructor(
    private readonly sent: ContainerCache,
    private readonly heard: ContainerCache,
    private readonly mouth: Pick<Mouth, "fold" | "isMember">,
  ) {}

  /** In the order they are to be said. null: it is not the asker's to have, or another may be meant. */
  find(request: LostRequest, asker: LostAsker, now: number): CachedContainer[] | null {
    const found = isOfEverybody(request)
      ? this.findHeard(request, asker, now)
      : this.findOwn(request, asker, now);
    return found === null ? null : inOrder(found.filter((entry) => isWanted(entry, request)));
  }

  private findOwn(request: LostRequest, asker: LostAsker, now: number): CachedContainer[] | null {
    const { fold } = this.mouth;
    const { channel } = asker;
    const ours = this.sent.find(kindOf(request), request.rid, now);
    if (ours.length === 0) return ours;
    // In a channel the owner is named by `dst`, which is ours; without it an id of two owners names neither.
    if (channel !== null && (request.dst ?? "") === "") {
      const theirs = this.heard.find(kindOf(request), request.rid, now);
      if (theirs.some(({ place }) => place === fold(channel))) return null;
    }
    const allowed = ours.filter((entry) =>
      entry.isPublic
        ? this.mayHear(entry.place, asker)
        : entry.place === fold(asker.nick) && (entry.party === null || entry.party === asker.party),
    );
    return allowed.length === 0 ? null : allowed;
  }

  private findHeard(request: LostRequest, asker: LostAsker, now: number): CachedContainer[] | null {
    const kind = kindOf(request);
    const ours = this.sent.find(kind, request.rid, now).filter(({ isPublic }) => isPublic);
    const theirs = this.heard.find(kind, request.rid, now);
    if (ours.length + theirs.length === 0) return [];
    const allowed = [...ours, ...theirs].filter(({ place }) => this.mayHear(place, asker));
    const owners = new Set(allowed.map((entry) => (ours.includes(entry) ? "" : entry.party)));
    return owners.size === 1 ? allowed : null;
  }

  /** What is asked for in a channel is of that channel; privately it is of any that both are in. */
  private mayHear(place: string, { nick, channel }: LostAsker): boolean {
    return channel === null ? this.mouth.isMember(place, nick) : place === this.mouth.fold(channel);
  }
}

export function isOfEverybody({ kind }: LostRequest): boolean {
  return kind % 2 === 1;
}

export function kindOf({ kind }: LostRequest): IdKind {
  if (kind < 20) return "mid";
  return kind < 30 ? "oid" : "did";
}

/** Of a Datum in fragments only those that hold what is missing, where the asker says what that is. */
function isWanted({ parts }: CachedContainer, { kind, rid, bp, be }: LostRequest): boolean {
  if (kind < 30 || bp === undefined) return true;
  const end = be ?? Infinity;
  return parts.some((part) => part.did === rid && (part.bp === null || (part.bp < end && part.end! > bp)));
}

function inOrder(entries: CachedContainer[]): CachedContainer[] {
  const firstOf = ({ parts }: CachedContainer) => parts[0]?.bp ?? 0;
  return entries.sort((a, b) => firstOf(a) - firstOf(b));
}
