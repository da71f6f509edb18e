/** The gateway as a service of systemd: it is told when it serves, how it goes, that it lives, and that it stops. */
import type { Gateway } from "../../gateway.ts";
import type { Log } from "../../platform/log.ts";
import { Notifier } from "../../service/notifier.ts";
import { beatInterval, Watchdog } from "../../service/watchdog.ts";

/** Where nobody watches, the status is told anew this often all the same, ms. */
const STATUS_MS = 60_000;

/** An upgrade of the store says every few seconds how far it has come; one that says nothing for so long hangs, ms. */
const STARTING_MS = 120_000;

export class UpService {
  private notifier: Notifier | null = null;
  private watchdog: Watchdog | undefined;

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  /** It starts, and this takes longer than systemd's patience for a start may be. */
  starting(words: string, log: Log): void {
    this.notifier ??= Notifier.of(this.env, process.pid, log);
    void this.notifier?.starting(words, STARTING_MS);
  }

  /** It serves, whichever ports, boards and brokers are there (users 22). */
  begin(gateway: Gateway, log: Log): void {
    const { env } = this;
    this.notifier ??= Notifier.of(env, process.pid, log);
    const { notifier } = this;
    if (notifier === null) return;
    const interval = beatInterval(env, process.pid);
    const since = () =>
      `the store answers nothing for ${Math.round((interval ?? STATUS_MS) / 1000)} s or more`;
    void notifier.ready(statusOf(gateway));
    this.watchdog = new Watchdog(interval ?? STATUS_MS, {
      // Nothing has such a name: what is asked is only whether the writes before it come to an end.
      askStore: () => gateway.store.page("watchdog/", "", 1),
      beat: () =>
        void (interval === null ? notifier.status(statusOf(gateway)) : notifier.beat(statusOf(gateway))),
      onSilence: () => {
        log.error({ about: "store" }, since());
        void notifier.status(since());
      },
    });
    this.watchdog.start();
  }

  /** It stops. Resolves at once: whoever stops waits for nobody. */
  end(): void {
    this.watchdog?.stop();
    void this.notifier?.stopping();
  }
}

function statusOf(gateway: Gateway): string {
  const devices = gateway.devicesView();
  const connected = devices.filter((device) => device.connected).length;
  const wrong = Object.values(gateway.problems.view().counts).reduce((sum, count) => sum + count, 0);
  const state = wrong === 0 ? "nothing is wrong" : `${wrong} wrong (bowline check)`;
  return `${connected} of ${devices.length} boards connected; ${state}`;
}
