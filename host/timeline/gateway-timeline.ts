/** The timeline of one gateway: a log that writes it, and the gateway's own starts and ends, also those that nobody ordered. */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../store/store.ts";
import type { Entry } from "./log-entry.ts";
import { Timeline } from "./timeline.ts";
import { TimelineLog } from "./timeline-log.ts";

const bowline = { kind: "bowline", name: "" } as const;
const started: Entry = { level: "info", kind: "up", subject: bowline, text: "started" };
const stopped: Entry = { level: "info", kind: "down", subject: bowline, text: "stopped" };
/** Found when the next begins: it was killed, or had no power. */
const broken: Entry = {
  level: "warn",
  kind: "down",
  subject: bowline,
  text: "ended without being stopped: killed, or its power was cut",
};

export class GatewayTimeline {
  readonly timeline: Timeline;
  readonly log: TimelineLog;

  constructor(
    private readonly store: Store,
    given: Log,
    clock: Clock,
    nameOfGateway: (hostId: string) => string,
  ) {
    const onFault = (error: unknown) => given.error({ error: String(error) }, "a listener failed");
    this.timeline = new Timeline({ store, clock, onFault, nameOfGateway });
    this.log = new TimelineLog(given, this.timeline, clock);
  }

  /** The store is open. */
  load(): Promise<void> {
    return this.timeline.load(() => this.findBrokenEnd());
  }

  /** An end that nobody ordered, at the last sign of life that there is. */
  private async findBrokenEnd(): Promise<[Entry, number] | null> {
    const last = this.timeline.newest();
    const own = this.timeline.newest(({ text }) => text === started.text || isEnd(text));
    if (last === undefined || own?.text !== started.text) return null;
    const [message] = await this.store.read(Math.max(1, this.store.next - 1), 1);
    return [broken, Math.max(last.at, message?.at ?? 0)];
  }

  begin(): void {
    this.timeline.add(started);
  }

  /** What comes after it is no news: all connections are ended. */
  end(): void {
    this.log.mute();
    this.timeline.add(stopped);
  }
}

const isEnd = (text: string) => text === stopped.text || text === broken.text;
