/**
 * Keys in their order, in blocks: a key is added or taken away by moving a few hundred others at most, however many there
 * are.
 *
 * Most keys come in order, each behind the one before it, and go from the front: both are found without a search.
 */

/** Keys in one block, at most: so many are moved faster than a block more is looked for. */
const MOST = 512;

export class SortedKeys {
  /** None is empty; every key of one stands before all of the next. */
  private readonly blocks: string[][] = [];
  /** Where the last key was found: the next one often is there, too. */
  private near = 0;

  /** One that is not there yet. */
  add(key: string): void {
    const { blocks } = this;
    if (blocks.length === 0) {
      blocks.push([key]);
      return;
    }
    const index = this.blockOf(key);
    const block = blocks[index];
    if (block.length < MOST) insert(block, key);
    else if (block[MOST - 1] < key) blocks.splice(index + 1, 0, [key]);
    else {
      const upper = block.splice(MOST >> 1);
      blocks.splice(index + 1, 0, upper);
      insert(upper[0] < key ? upper : block, key);
    }
  }

  /** One that is there. */
  remove(key: string): void {
    const index = this.blockOf(key);
    const block = this.blocks[index];
    const at = placeIn(block, key);
    if (at === 0) block.shift();
    else block.splice(at, 1);
    if (block.length === 0) this.blocks.splice(index, 1);
  }

  /** Keys from `gte` on, below `lt`, the first `limit` of them. */
  range(gte: string, lt: string, limit: number): string[] {
    const found: string[] = [];
    const { blocks } = this;
    if (blocks.length === 0) return found;
    let index = this.blockOf(gte);
    let at = placeIn(blocks[index], gte);
    for (; index < blocks.length; index++, at = 0)
      for (const block = blocks[index]; at < block.length; at++) {
        if (found.length >= limit || block[at] >= lt) return found;
        found.push(block[at]);
      }
    return found;
  }

  /** The same from the last to the first, the last `limit` of them. */
  rangeFromEnd(gte: string, lt: string, limit: number): string[] {
    const found: string[] = [];
    const { blocks } = this;
    if (blocks.length === 0) return found;
    let index = this.blockOf(lt);
    let at = placeIn(blocks[index], lt);
    while (found.length < limit) {
      if (at === 0) {
        if (index === 0) break;
        at = blocks[--index].length;
      }
      const key = blocks[index][--at];
      if (key < gte) break;
      found.push(key);
    }
    return found;
  }

  /** The last block that begins at the key or before it; the first when none does. */
  private blockOf(key: string): number {
    const { blocks, near } = this;
    if (near < blocks.length && blocks[near][0] <= key)
      if (near + 1 === blocks.length || key < blocks[near + 1][0]) return near;
    let low = 0;
    let high = blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (blocks[middle][0] <= key) low = middle;
      else high = middle;
    }
    this.near = low;
    return low;
  }
}

function insert(block: string[], key: string): void {
  const at = placeIn(block, key);
  if (at === block.length) block.push(key);
  else block.splice(at, 0, key);
}

/** Index of the key in a block, or where it would stand. */
function placeIn(block: readonly string[], key: string): number {
  let low = 0;
  let high = block.length;
  if (block[high - 1] < key) return high;
  if (block[0] >= key) return 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
