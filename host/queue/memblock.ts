/**
 * A body in memory that several packets share, counted by who holds it (iotgw X.1 step 1, memblock). Nothing is freed by
 * the count in Node: it shows that every holder let go, and gives the bytes back to their budget.
 */

/** Bytes that bodies may take together; what is above is refused when it is asked for (R1.2). */
export class MemblockBudget {
  used = 0;

  constructor(readonly maxBytes = Infinity) {}
}

const unbounded = new MemblockBudget();

export class Memblock {
  /** Who holds it; the creator is the first. */
  references = 1;

  private constructor(
    readonly bytes: Uint8Array,
    private readonly budget: MemblockBudget,
  ) {
    budget.used += bytes.length;
  }

  /** A copy: what the caller does with its bytes afterwards changes nothing (R1.1). Null: above the budget. */
  static copyOf(bytes: Uint8Array, budget: MemblockBudget = unbounded): Memblock | null {
    if (budget.used + bytes.length > budget.maxBytes) return null;
    // Node takes small ones from a slab, at a fifth of what an array of their own costs.
    const copy = Buffer.allocUnsafe(bytes.length);
    copy.set(bytes);
    return new Memblock(copy, budget);
  }

  /** The bytes themselves: the caller no longer touches them. Null: above the budget. */
  static transfer(bytes: Uint8Array, budget: MemblockBudget = unbounded): Memblock | null {
    return budget.used + bytes.length > budget.maxBytes ? null : new Memblock(bytes, budget);
  }

  retain(): this {
    if (this.references === 0) throw new RangeError("a memblock that nobody held is held again");
    this.references++;
    return this;
  }

  release(): void {
    if (this.references === 0) throw new RangeError("a memblock is let go more often than it was held");
    if (--this.references === 0) this.budget.used -= this.bytes.length;
  }
}
