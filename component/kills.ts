/**
 * Which of the messages that the work has are being killed. One whose signal is used by somebody may end by itself for a
 * while; else the thread has to go (MoniQue KILL3, KILL4).
 */

export class Kills {
  /** The thread has been told to go, and is to be given nothing more. */
  isEndingThread = false;
  private readonly heeding = new Set<string>();
  /** By id; none: the thread is on its way out already. */
  private readonly timers = new Map<string, NodeJS.Timeout | undefined>();

  constructor(
    private readonly graceMs: number,
    private readonly endThread: () => void,
  ) {}

  /** Also when the message has ended meanwhile: its thread is on its way out all the same. */
  get isAny(): boolean {
    return this.isEndingThread || this.timers.size > 0;
  }

  has(id: string): boolean {
    return this.timers.has(id);
  }

  heeds(id: string): void {
    this.heeding.add(id);
  }

  /** False: it is being killed already. */
  begin(id: string): boolean {
    if (this.timers.has(id)) return false;
    const isHeeded = this.heeding.has(id);
    this.timers.set(id, isHeeded ? setTimeout(() => this.takeThread(), this.graceMs) : undefined);
    if (!isHeeded) this.takeThread();
    return true;
  }

  /** The message has ended -> whether it was being killed. */
  end(id: string): boolean {
    this.heeding.delete(id);
    clearTimeout(this.timers.get(id));
    return this.timers.delete(id);
  }

  /** The thread is no more. */
  clear(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.heeding.clear();
    this.isEndingThread = false;
  }

  private takeThread(): void {
    this.isEndingThread = true;
    this.endThread();
  }
}
