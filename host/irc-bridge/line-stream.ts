/**
 * Lines to IRC of one origin, each kept from before its first byte leaves until the server has it, so that none is
 * forgotten, and none is said in another form than before: receivers drop a repeat by sender, mid and text (IRC-IoT §10).
 *
 *   io/STREAM/ORDER   {text, target, nick, at}: said, and perhaps not taken by the server
 *
 *   source ─turn comes─▶ text ─commit: io/ and what it stands for─▶ written ─confirmed─▶ io/ gone
 *                                                 ▲ the same bytes, first and in order   │ lost, killed
 *                                                 └──────────────────────────────────────┘
 */
import type { LineLane, LineOutcome } from "../irc-iot/line.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { RecordChange, Store } from "../store/store.ts";
import type { NetworkPort } from "./ports.ts";

/** What is to be said next, made when its turn has come. */
export interface Draft {
  target: string;
  text: string;
  /** Committed with it. */
  changes: RecordChange[];
  onCommitted(): void;
  /** It was not said, and nothing of it is in the store. */
  onFailed(): void;
}

export interface LineSource {
  /** Where its next line goes; null: it has none. */
  readonly target: string | null;
  /** At most so long. null: there is nothing to be said (any more) at present. */
  next(maxBytes: number): Promise<Draft | null>;
}

/** As it is kept. */
export interface LineDocument {
  text: string;
  target: string;
  /** Under which it was said: under another one nobody would know it for a repeat. */
  nick: string;
  /** ms since 1970. */
  at: number;
}

export interface StreamServices {
  lane: LineLane;
  network: NetworkPort;
  store: Store;
  clock: Clock;
  log: Log;
  /** Whether a line said there now is heard by those it is meant for. */
  isOpen(target: string): boolean;
  /** A line that an earlier gateway said is said again. */
  onAgain(text: string, target: string): void;
  nextOrder(): string;
}

interface Kept {
  key: string;
  document: LineDocument;
  /** taken: the server has it, and it is kept for a while for who may not have got it. */
  state: "written" | "lost" | "taken";
  /** Somebody it is meant for left while it was on its way. */
  isSuspect: boolean;
  /** When the server had taken it, ms. */
  takenAt: number;
  /** Since when it waits for its nick, ms; 0: it does not. */
  waitsSince: number;
  /** Times that the server took it for nobody, and when it is tried again, ms. */
  refusals: number;
  notBefore: number;
}

const fresh = { waitsSince: 0, refusals: 0, notBefore: 0, isSuspect: false, takenAt: 0 };

export const LINES = "io/";
/** Lines that the server has not confirmed. What waits beyond stays in the store as what it was. */
const MAX_UNCONFIRMED = 64;
/** The same of those that it has, kept for who may not have got them; the oldest go first. */
const MAX_TAKEN = 1024;
/** ms until it looks again where nothing of its own tells. */
const RETRY_MS = 250;
/** ms that a repeat waits for its nick: as long as a server may keep a connection that is gone. */
const NICK_PATIENCE_MS = 300_000;
/** ms until a line that was for nobody is tried again, doubled each time. */
const REFUSED_MIN_MS = 5000;
const REFUSED_MAX_MS = 300_000;

export class LineStream {
  readonly counts = { said: 0, again: 0, given: 0 };
  private readonly kept: Kept[] = [];
  private isAsked = false;
  private isStopped = false;
  private retry: NodeJS.Timeout | null = null;

  constructor(
    /** In the keys of its lines, without a slash. */
    readonly name: string,
    private readonly source: LineSource,
    /** ms: what may have arrived longer ago is not repeated; nobody remembers it any more. */
    private readonly keepMs: number,
    private readonly services: StreamServices,
    /** Times that a line is tried that the server has for nobody. */
    private readonly mostRefusals = Number.POSITIVE_INFINITY,
    /** ms: so long what the server has taken is kept, and said again if somebody it is meant for leaves meanwhile. */
    private readonly lingerMs = 0,
  ) {}

  /** Lines that an earlier gateway kept, in order. */
  restore(lines: readonly [key: string, document: LineDocument][]): void {
    for (const [key, document] of lines) this.kept.push({ key, document, state: "lost", ...fresh });
  }

  /** Lines that the server has not confirmed. */
  get unconfirmed(): number {
    return this.kept.filter(({ state }) => state !== "taken").length;
  }

  /** Nothing of it is on its way, or kept. */
  get isIdle(): boolean {
    return this.kept.length === 0 && !this.isAsked;
  }

  /** How often the server has refused what is next, while the connection stood. */
  get refusals(): number {
    return this.firstLost?.refusals ?? 0;
  }

  /** Somebody who has to hear it is gone: what was said of late may not have come to them. */
  receiverGone(): void {
    this.forgetOld();
    for (const kept of this.kept) {
      if (kept.state === "taken") kept.state = "lost";
      else if (kept.state === "written" && this.lingerMs > 0) kept.isSuspect = true;
    }
    this.wake();
  }

  /** There may be something to say, or it may be possible now. */
  wake(): void {
    if (this.isStopped || this.isAsked) return;
    this.forgetOld();
    const target = this.nextTarget;
    if (target === null) return;
    if (!this.isReady(target)) return this.lookLater();
    this.ask(target);
  }

  stop(): void {
    this.isStopped = true;
    if (this.retry !== null) clearTimeout(this.retry);
  }

  /** null: nothing waits, or too much is unconfirmed. */
  private get nextTarget(): string | null {
    const lost = this.firstLost;
    if (lost !== undefined) return lost.document.target;
    // What is said again stands before what is new.
    if (this.kept.some(({ isSuspect }) => isSuspect)) return null;
    return this.unconfirmed < MAX_UNCONFIRMED ? this.source.target : null;
  }

  private get firstLost(): Kept | undefined {
    return this.kept.find(({ state }) => state === "lost");
  }

  private isReady(target: string): boolean {
    const { network, isOpen } = this.services;
    return network.state === "online" && isOpen(target) && this.mayRepeat();
  }

  private mayRepeat(): boolean {
    const lost = this.firstLost;
    const { network, clock } = this.services;
    if (lost !== undefined && clock.now() < lost.notBefore) return false;
    if (lost === undefined || network.fold(lost.document.nick) === network.fold(network.nick)) return true;
    lost.waitsSince ||= clock.now();
    return clock.now() - lost.waitsSince >= NICK_PATIENCE_MS;
  }

  private ask(target: string): void {
    const { network, lane } = this.services;
    let said: Kept | null = null;
    const maxBytes = network.budget(target);
    // A server may give us a name so long that nothing else has room.
    if (maxBytes <= 0) return this.lookLater();
    this.isAsked = true;
    network.send({
      ...{ target, lane, maxBytes },
      take: async () => {
        said = await this.take(target, maxBytes);
        this.isAsked = false;
        if (said === null) this.lookLater();
        else setImmediate(() => this.wake());
        return said?.document.text ?? null;
      },
      onOutcome: (outcome) => {
        if (said !== null) return this.settle(said, outcome);
        // It was dropped, or the connection ended, before its turn: what it would have said still waits.
        this.isAsked = false;
        this.lookLater();
      },
    });
  }

  /** What is said now; null: nothing. */
  private async take(target: string, maxBytes: number): Promise<Kept | null> {
    if (this.isStopped || !this.isReady(target)) return null;
    const lost = this.firstLost;
    if (lost !== undefined) return this.again(lost, target, maxBytes);
    try {
      const draft = await this.source.next(maxBytes);
      if (draft === null || this.isStopped) return null;
      if (draft.target !== target) return null;
      const kept = await this.keep(draft);
      if (kept === null || this.isReady(target)) return kept;
      // While it was written down, who is to hear it left, or the connection ended: it is as one that was lost.
      kept.state = "lost";
      return null;
    } catch (error) {
      // The store is closed or cannot be read: told where it shows, and here once more.
      if (!this.isStopped)
        this.services.log.error({ stream: this.name, error: String(error) }, "nothing is said on IRC");
      return null;
    }
  }

  private again(lost: Kept, target: string, maxBytes: number): Kept | null {
    const { text, target: wanted } = lost.document;
    if (wanted !== target) return null;
    const size = Buffer.byteLength(text);
    // The turn was asked for when there was less room, behind a new connection: it is asked for anew.
    if (size > maxBytes && size <= this.services.network.budget(target)) return null;
    if (size > maxBytes) {
      // Our mask is longer now. In another form it would be a second one for all that heard it.
      this.services.log.warn(
        { stream: this.name, target },
        "a line that may have been lost is too long to be repeated",
      );
      this.forget(lost);
      return null;
    }
    lost.state = "written";
    this.counts.again++;
    this.services.onAgain(text, target);
    return lost;
  }

  /** Its text and what it stands for, in one commit; only then it may leave. */
  private keep(draft: Draft): Promise<Kept | null> {
    const { store, network, clock, nextOrder } = this.services;
    const { text, target } = draft;
    const key = `${LINES}${this.name}/${nextOrder()}`;
    const document: LineDocument = { text, target, nick: network.nick, at: clock.wall() };
    const kept: Kept = { key, document, state: "written", ...fresh };
    return new Promise((resolve) => {
      store.put([{ key, value: document }, ...draft.changes], {
        onCommitted: () => {
          this.kept.push(kept);
          this.counts.said++;
          draft.onCommitted();
          resolve(kept);
        },
        onFailed: () => {
          // It may be there all the same, and was never said.
          store.keep([{ key, value: null }], () => {});
          draft.onFailed();
          resolve(null);
        },
      });
    });
  }

  private settle(kept: Kept, outcome: LineOutcome): void {
    const { isSuspect } = kept;
    kept.isSuspect = false;
    if (outcome !== "confirmed") this.lose(kept);
    else if (isSuspect) kept.state = "lost";
    else if (this.lingerMs > 0) this.linger(kept);
    else this.forget(kept);
    this.wake();
  }

  private linger(kept: Kept): void {
    kept.state = "taken";
    kept.takenAt = this.services.clock.now();
    const taken = this.kept.filter(({ state }) => state === "taken");
    if (taken.length > MAX_TAKEN) this.forget(taken[0]);
  }

  /** While the connection stands, the server has refused it: nobody has that nick, or we may not speak there. */
  private lose(kept: Kept): void {
    kept.state = "lost";
    const { network, clock } = this.services;
    if (network.state !== "online") return;
    kept.refusals++;
    kept.notBefore = clock.now() + Math.min(REFUSED_MAX_MS, REFUSED_MIN_MS * 2 ** (kept.refusals - 1));
    if (kept.refusals < this.mostRefusals) return;
    this.counts.given++;
    this.forget(kept);
  }

  private forgetOld(): void {
    const oldest = this.services.clock.wall() - this.keepMs;
    const lingers = this.services.clock.now() - this.lingerMs;
    for (const kept of [...this.kept])
      if (kept.state === "taken" && kept.takenAt <= lingers) this.forget(kept);
      else if (kept.state === "lost" && kept.document.at < oldest) {
        this.counts.given++;
        this.forget(kept);
      }
  }

  private forget(kept: Kept): void {
    this.kept.splice(this.kept.indexOf(kept), 1);
    this.services.store.keep([{ key: kept.key, value: null }], () => {});
  }

  private lookLater(): void {
    // While there is no connection, the next one wakes it.
    if (this.retry !== null || this.isStopped || this.services.network.state !== "online") return;
    this.retry = setTimeout(() => {
      this.retry = null;
      this.wake();
    }, RETRY_MS);
    this.retry.unref();
  }
}
