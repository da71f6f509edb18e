/** Forwarders for tests: each called "test", taking everything from the oldest on, and stopped at the end. */
import { silentLog } from "../../platform/log.ts";
import { Forwarder, type ForwarderOptions } from "../forwarder.ts";

export class TestForwarders {
  private readonly made: Forwarder[] = [];

  /** `usual`: of each, unless it is made otherwise; `wallMs`: what its clock says always. */
  constructor(
    private readonly usual: Partial<ForwarderOptions> = {},
    private readonly wallMs = 0,
  ) {}

  /** Loaded. */
  async make(options: Partial<ForwarderOptions> & Pick<ForwarderOptions, "store">): Promise<Forwarder> {
    const clock = { now: () => performance.now(), wall: () => this.wallMs };
    const given = { name: "test", accepts: () => true, from: "oldest" as const, clock, log: silentLog };
    const one = new Forwarder({ ...given, ...this.usual, ...options });
    this.made.push(one);
    await one.load();
    return one;
  }

  async stop(): Promise<void> {
    for (const one of this.made.splice(0)) await one.stop(0);
  }
}
