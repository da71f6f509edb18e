/** The nonces that introductions came with: one that comes again is a repeated introduction, and refused (iotgw §9). */

/** Remembered; beyond, the oldest is forgotten. A replay of an older one fails at the proof, which has a new session's id. */
const MOST = 4096;

export class Nonces {
  private readonly seen = new Set<string>();

  /** False: it was here before. */
  take(nonce: Uint8Array): boolean {
    const text = Buffer.from(nonce).toString("latin1");
    if (this.seen.has(text)) return false;
    if (this.seen.size >= MOST) this.forgetOldest();
    this.seen.add(text);
    return true;
  }

  private forgetOldest(): void {
    for (const oldest of this.seen) return void this.seen.delete(oldest);
  }
}
