/**
 * What is on its way over one connection: never more than there are places, and the oldest not without end. A broker
 * acknowledges in the order in which it was told (MQTT 5, 4.6), so the next acknowledgement is the oldest's.
 */

/** One publication that is on its way. */
export type Flight = object;

export interface FlightsOptions {
  places(): number;
  /** The oldest may wait so long, from when it was the oldest, ms. */
  ackMs: number;
  onLate(): void;
}

export class Flights {
  /** In the order in which they left. */
  private readonly flying = new Set<Flight>();
  private readonly waiting: (() => void)[] = [];
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(private readonly options: FlightsOptions) {}

  get count(): number {
    return this.flying.size;
  }

  /** Resolves once one more may be on its way, or none will be any more. */
  async enter(): Promise<Flight> {
    while (!this.isClosed && this.flying.size >= this.options.places())
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    const flight = {};
    this.flying.add(flight);
    if (this.flying.size === 1) this.watch();
    return flight;
  }

  leave(flight: Flight): void {
    const [oldest] = this.flying;
    this.flying.delete(flight);
    if (this.flying.size === 0) this.unwatch();
    else if (flight === oldest) this.timer?.refresh();
    this.waiting.shift()?.();
  }

  close(): void {
    this.isClosed = true;
    this.unwatch();
    for (const go of this.waiting.splice(0)) go();
  }

  private watch(): void {
    if (!this.isClosed) this.timer = setTimeout(() => this.options.onLate(), this.options.ackMs).unref();
  }

  private unwatch(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
