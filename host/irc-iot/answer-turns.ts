/** When an id can be answered again: once in 30 s, whoever asks; others who missed the same wait for their turn. */

const ID_MS = 30_000;
/** Who would wait longer for his turn asks again, or somebody else. */
const LATEST_MS = 90_000;
/** Ids that are remembered. More at once can only be a flood. */
const MAX_IDS = 1024;

export class AnswerTurns {
  /** The latest turn of each id. */
  private readonly turns = new Map<string, { at: number; asker: string }>();

  /** null: it was just answered to the same asker, or too many want it. */
  next(id: string, asker: string, now: number): number | null {
    this.forgetOld(now);
    const last = this.turns.get(id);
    const isFree = last === undefined || now - last.at >= ID_MS;
    const at = isFree ? now : last.at + ID_MS;
    if ((!isFree && last.asker === asker) || at - now > LATEST_MS || this.turns.size >= MAX_IDS) return null;
    this.turns.delete(id);
    this.turns.set(id, { at, asker });
    return at;
  }

  private forgetOld(now: number): void {
    for (const [id, { at }] of this.turns) {
      if (now - at < ID_MS) break;
      this.turns.delete(id);
    }
  }
}
