/** "Did you mean": the known name nearest to a mistyped one, by edit distance. */

/** The candidate nearest to `name`, letter case aside, or undefined when none is within a third of its length (at least 2). */
export function suggest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let nearest: string | undefined;
  let limit = Math.max(2, Math.floor(name.length / 3));
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    // A name of two letters is two edits from every other one, qos two from tls, and so is lde from led: half of the
    // candidate must be left, or of a short one its first letter.
    const isLeft = distance * 2 <= Math.max(name.length, candidate.length);
    const isBegun = name.length > 2 && wanted[0] === candidate[0].toLowerCase();
    if (distance > limit || !(isLeft || isBegun)) continue;
    if (nearest !== undefined && distance === limit) continue;
    nearest = candidate;
    limit = distance;
  }
  return nearest;
}

/** Letters inserted, deleted or replaced to make `a` into `b` (Levenshtein), one row of the table at a time. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
