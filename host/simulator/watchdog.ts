/**
 * The chip's watchdog of a simulated board. It outlives reset() and load(), and cannot be switched off but by a restart of the
 * chip; an automatic one is kicked by the idle loop, which never stops here.
 */
export class Watchdog {
  private timeoutMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly bite: () => void) {}

  enable(seconds: number, isAutomatic: boolean): void {
    this.timeoutMs = isAutomatic ? 0 : seconds * 1000;
    this.kick();
  }

  kick(): void {
    clearTimeout(this.timer);
    if (this.timeoutMs > 0) this.timer = setTimeout(this.bite, this.timeoutMs);
  }

  powerOff(): void {
    this.timeoutMs = 0;
    clearTimeout(this.timer);
  }
}
