/** Counts what may come a million times, and tells of it at the first, the tenth, the hundredth. */

export class Tally {
  private count = 0;
  private next = 1;

  constructor(private readonly of: string) {}

  add(log: (text: string) => void, example: string): void {
    this.count++;
    if (this.count < this.next) return;
    this.next *= 10;
    log(`${this.of}: ${this.count} so far, the last ${example}`);
  }
}
