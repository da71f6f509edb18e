/** Bytes that all connections of one server take together: each alone has its limit, and there may be many. */
export class Budget {
  used = 0;

  constructor(
    private readonly most: number,
    /** Gives back what somebody has; false: there is nothing more to give back. */
    private readonly makeRoom: () => boolean = () => false,
  ) {}

  /** False: it would be too much, and nothing is taken. */
  take(bytes: number): boolean {
    while (this.used + bytes > this.most) if (!this.makeRoom()) return false;
    this.used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.used -= bytes;
  }
}
