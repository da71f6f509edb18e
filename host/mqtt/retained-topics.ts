/**
 * What this gateway keeps on the broker: each topic with what is to stand there, said again whenever the broker is there
 * anew, and removed from there once it is wanted no more, if need be by the gateway after this one.
 *
 *   mr/TOPIC   that something of ours may stand there
 */
import type { Clock } from "../platform/clock.ts";
import type { Store } from "../store/store.ts";

/** Text, or what makes it when it is to be sent: of what changes with every message. */
export type Retained = string | (() => string);

/** "" removes what stands there. Rejects when the broker has not taken it. */
export type PublishRetained = (topic: string, payload: string) => Promise<void>;

export interface RetainedTopicsOptions {
  store: Pick<Store, "records" | "put" | "putLater">;
  clock: Pick<Clock, "wall">;
  /** The broker does not take what is to stand there, for a while at least; null: it has taken all since. */
  onFault(fault: RetainedFault | null): void;
}

export interface RetainedFault {
  /** Which topic, and why; how many others. */
  text: string;
  topic: string;
  error: unknown;
}

const PREFIX = "mr/";
/** On their way at once: messages are to pass as well. */
const LANES = 4;
/** What the broker did not take is said again after so long, ms. */
const RETRY_MS = 30_000;

export class RetainedTopics {
  private wanted: ReadonlyMap<string, Retained> = new Map();
  /** What is wanted was said: what is not is to go. */
  private isTold = false;
  /** Something may stand there: the store knows. */
  private readonly known = new Set<string>();
  /** What stands there is not, or may not be, what is to. */
  private readonly stale = new Set<string>();
  private readonly busy = new Set<string>();
  /** What the broker did not take, until it takes it, and why: however often it changes, it is tried again by the clock. */
  private readonly failed = new Map<string, unknown>();
  private publish: PublishRetained | null = null;
  private isFaulty = false;
  private retry: NodeJS.Timeout | null = null;

  constructor(private readonly options: RetainedTopicsOptions) {}

  /** The store is open. */
  async load(): Promise<void> {
    for (const [key] of await this.options.store.records(PREFIX)) this.known.add(key.slice(PREFIX.length));
  }

  /** All that is to stand there, and nothing else. */
  settle(wanted: ReadonlyMap<string, Retained>): void {
    for (const [topic, payload] of wanted)
      if (!this.wanted.has(topic) || this.wanted.get(topic) !== payload) this.stale.add(topic);
    for (const topic of this.known) if (!wanted.has(topic)) this.stale.add(topic);
    this.wanted = wanted;
    this.isTold = true;
    this.pump();
  }

  /** What makes its text makes another one now. */
  touch(topic: string): void {
    if (!this.wanted.has(topic) || this.failed.has(topic)) return;
    this.stale.add(topic);
    this.pump();
  }

  /** The broker may have forgotten all of it, or others may have. */
  again(topics: Iterable<string> = this.wanted.keys()): void {
    for (const topic of topics) this.stale.add(topic);
    this.pump();
  }

  /** The broker is there. */
  begin(publish: PublishRetained): void {
    this.publish = publish;
    for (const topic of this.known) this.stale.add(topic);
    this.again();
  }

  /** The broker is away. */
  pause(): void {
    this.publish = null;
    this.failed.clear();
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
  }

  /** Nothing is to be said. */
  get isSettled(): boolean {
    return this.stale.size === 0 && this.busy.size === 0;
  }

  private pump(): void {
    const { publish } = this;
    if (publish === null || !this.isTold) return;
    for (const topic of this.stale) {
      if (this.busy.size >= LANES) return;
      if (this.busy.has(topic)) continue;
      this.stale.delete(topic);
      this.busy.add(topic);
      void this.say(topic, publish);
    }
  }

  private async say(topic: string, publish: PublishRetained): Promise<void> {
    try {
      const payload = this.wanted.get(topic);
      if (payload === undefined) await this.remove(topic, publish);
      else {
        await this.remember(topic);
        await publish(topic, typeof payload === "string" ? payload : payload());
      }
      if (this.failed.delete(topic) && this.failed.size > 0) this.tell();
    } catch (error) {
      // Another connection says it all again.
      if (this.publish === publish) this.tryLater(topic, error);
    }
    this.busy.delete(topic);
    this.pump();
    if (this.isFaulty && this.failed.size === 0 && this.isSettled) this.tell();
  }

  private tryLater(topic: string, error: unknown): void {
    this.failed.set(topic, error);
    this.tell();
    this.retry ??= setTimeout(() => {
      this.retry = null;
      this.again(this.failed.keys());
    }, RETRY_MS).unref();
  }

  private tell(): void {
    const [first] = this.failed;
    this.isFaulty = first !== undefined;
    if (first === undefined) return this.options.onFault(null);
    const [topic, error] = first;
    const more = this.failed.size === 1 ? "" : `; and ${this.failed.size - 1} more`;
    this.options.onFault({ text: `${topic}: ${textOf(error)}${more}`, topic, error });
  }

  private async remove(topic: string, publish: PublishRetained): Promise<void> {
    if (!this.known.has(topic)) return;
    await publish(topic, "");
    if (this.wanted.has(topic)) return;
    this.known.delete(topic);
    this.options.store.putLater([{ key: PREFIX + topic, value: null }]);
  }

  /** Before it stands there, so that nothing is left there that nobody knows. */
  private async remember(topic: string): Promise<void> {
    if (this.known.has(topic)) return;
    const change = { key: PREFIX + topic, value: { at: this.options.clock.wall() } };
    await new Promise<void>((resolve, reject) => {
      this.options.store.put([change], { onCommitted: resolve, onFailed: reject });
    });
    this.known.add(topic);
  }
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
