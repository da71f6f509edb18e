/**
 * One IRC network: connected for ever, with our nick, in our channels, at a speed that servers bear.
 *
 *   WAITING ──due──▶ CONNECTING ──open──▶ REGISTERING ──welcome──▶ ONLINE
 *      ▲                  │                    │                      │
 *      └──────────────────┴─────── closed ─────┴──────────────────────┘
 */
import type { IrcClient, IrcMessage } from "irc-framework/src/client.js";
import type { OutLine, Speaker } from "../irc-iot/line.ts";
import { Backoff } from "../platform/backoff.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { NickRefusal } from "./absent-nicks.ts";
import { Connection } from "./connection.ts";
import { closedBy, closedSilently, failure, isRefusal, unreachable } from "./failure.ts";
import { Incoming } from "./incoming.ts";
import { type IrcLine, LineLog } from "./line-log.ts";
import { isNick } from "./names.ts";
import { registrationFailure } from "./registration-guard.ts";
import type {
  Failure,
  IrcHandler,
  IrcNetworkSettings,
  IrcNetworkView,
  NetworkState,
  Proof,
} from "./settings.ts";
import { refuseWrong } from "./settings-check.ts";
import { Station } from "./station.ts";
import { networkView } from "./view.ts";

/** From the first packet to TLS; from there to the welcome: servers look up names and users first, for 30 s and more. */
const CONNECT_MS = 30_000;
const REGISTER_MS = 90_000;
/** Online so long: the next wait begins small again. */
const STABLE_MS = 60_000;
/** What was begun may so long be confirmed when we stop, and the server may so long close. */
const FINISH_MS = 2000;
const QUIT_MS = 1000;
/** What setTimeout takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The PING behind the welcome: what comes before its PONG is how the server works (ISUPPORT). */
const WELCOME = "bowline-welcome";

export class IrcNetwork {
  private current: NetworkState = "waiting";
  private readonly station: Station;
  private readonly incoming: Incoming;
  private readonly lines: LineLog;
  private readonly backoff: Backoff;
  /** When the state is over: the next try, or a step that takes too long. */
  private dueAt = Number.POSITIVE_INFINITY;
  private onlineAt = 0;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Number.POSITIVE_INFINITY;
  private hasStarted = false;
  private ending: Promise<void> | null = null;
  private stopped: (() => void) | null = null;
  private hasQuit = false;
  /** Why this connection ends, where we know better than the socket; what the server said in ERROR. */
  private why: Failure | null = null;
  private said = "";
  private lastError: Failure | null = null;
  private toldError = "";
  private connections = 0;

  constructor(
    private readonly settings: IrcNetworkSettings,
    private readonly handler: IrcHandler,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.station = new Station(settings, handler, clock, log, () => this.arm());
    this.incoming = new Incoming(this.station);
    const keys = settings.channels.map(({ key }) => key);
    const secrets = [settings.password, settings.sasl?.password, ...keys].filter((one) => one !== undefined);
    this.lines = new LineLog(
      secrets,
      () => clock.wall(),
      (line) => handler.onLine(line),
    );
    const waits = { leastMs: settings.retryMinMs, mostMs: settings.retryMaxMs };
    this.backoff = new Backoff(() => waits, settings.randomSource);
  }

  get state(): NetworkState {
    return this.current;
  }

  get nick(): string {
    return this.station.nick.current;
  }

  /** Throws a RangeError for settings that no server takes. */
  start(): void {
    refuseWrong(this.settings);
    if (this.hasStarted) throw new RangeError("start() of an IRC network: it was started; once is allowed");
    this.hasStarted = true;
    void this.connect();
  }

  /** What was begun is confirmed if that is quick; all else that waits is lost. */
  stop(): Promise<void> {
    this.ending ??= new Promise<void>((resolve) => {
      this.stopped = resolve;
      this.station.writer.close();
      this.dueAt = this.clock.now() + FINISH_MS;
    });
    if (this.current === "waiting") this.finish();
    else this.arm();
    return this.ending;
  }

  /** Bytes of text that a line to the target has room for. At its smallest until a server has shown us how others see us. */
  budget(target: string): number {
    return this.station.mask.budget(target);
  }

  /** Throws a RangeError for a target that is neither a nick nor one of our channels, and for a line that is too long for it. */
  send(line: OutLine): void {
    const { target, maxBytes } = line;
    const { station } = this;
    if (!isNick(target) && !station.channels.has(target))
      throw new RangeError(
        `sending to ${JSON.stringify(target)}: a nick or a channel of ${this.settings.name} is allowed`,
      );
    if (!(maxBytes > 0 && maxBytes <= this.budget(target)))
      throw new RangeError(
        `sending to ${target}: ${maxBytes} bytes; 1 to ${this.budget(target)} are allowed`,
      );
    station.writer.push(line);
    this.arm();
  }

  /** Equal for names that are one on this network. */
  fold(name: string): string {
    return this.station.fold(name);
  }

  isMe(nick: string): boolean {
    return this.station.isMe(nick);
  }

  /** Why the server has refused a line to this nick within a minute; null: it has not, or who has it was seen since. */
  refusalOf(nick: string): NickRefusal | null {
    return this.station.absent.refusalOf(nick);
  }

  /** Whether a line for it leaves when its turn comes; else it waits until the channel hears us, or the nick is seen again, or we know how others see us. */
  canSpeak(target: string): boolean {
    return this.station.canSpeak(target);
  }

  isChannel(name: string): boolean {
    return this.station.isChannel(name);
  }

  members(channel: string): string[] {
    return this.station.people.members(channel);
  }

  /** `speaker`: the very object that onHeard gave; see Identities.prove. */
  async prove(speaker: Speaker, needsCertificate = true): Promise<Proof | null> {
    const proof = this.station.identities.prove(speaker, this.clock.now(), needsCertificate);
    this.arm();
    return proof;
  }

  /** The newest first, of all connections since the start. */
  lastLines(limit: number): IrcLine[] {
    return this.lines.last(limit);
  }

  view(): IrcNetworkView {
    const { current, settings, station, lastError, connections } = this;
    const nextTryMs =
      current === "waiting" && this.dueAt !== Number.POSITIVE_INFINITY ? this.dueAt - this.clock.now() : null;
    return networkView(settings, station, { state: current, lastError, connections, nextTryMs });
  }

  private get isStopping(): boolean {
    return this.ending !== null;
  }

  private async connect(): Promise<void> {
    const Client = await loadClient();
    if (this.isStopping) return;
    this.why = null;
    this.said = "";
    const connection: Connection = new Connection(
      Client,
      this.settings,
      {
        onOpen: () => this.become("registering", this.clock.now() + REGISTER_MS),
        onLine: (way, line) => this.lines.note(way, line),
        onMessage: (message) => this.take(message),
        onFailure: (why) => {
          this.why = why;
        },
        onClosed: (error) => this.closed(error),
      },
      this.log,
    );
    this.station.begin(connection);
    this.become("connecting", this.clock.now() + CONNECT_MS);
    connection.open();
  }

  private take(message: IrcMessage): void {
    const { command, params } = message;
    const said = params.at(-1) ?? "";
    if (command === "ERROR") this.said ||= said;
    else if (command === "KILL" && this.isMe(params[0] ?? "")) this.said = `Killed: ${said}`;
    else if (this.current === "registering") this.register(message, said);
    this.incoming.take(message);
    this.arm();
  }

  private register({ command, params }: IrcMessage, said: string): void {
    const { station } = this;
    // A nick that is too long with what is put behind it is no other to try.
    const isOther = command === "432" && station.nick.isOther;
    const why = isOther ? null : registrationFailure(command, said);
    if (why !== null) this.giveUp(why);
    else if (command === "433" || command === "437" || command === "436" || isOther) this.nickTaken(said);
    else if (command === "001") {
      station.nick.current = params[0] ?? station.nick.current;
      station.connection?.write(`PING ${WELCOME}`);
    } else if (command === "PONG" && said === WELCOME) this.online();
  }

  private nickTaken(said: string): void {
    if (this.station.nick.tryAnother()) return;
    const text = `registering as ${this.settings.nick}: ${said}; and so are the two others that are tried`;
    this.giveUp(failure("IRC_NICK_IN_USE", text, "choose another irc.nick; it is tried again"));
  }

  private giveUp(why: Failure): void {
    this.why = why;
    this.station.connection?.close(true);
  }

  private online(): void {
    const { station } = this;
    this.connections++;
    this.onlineAt = this.clock.now();
    this.become("online", Number.POSITIVE_INFINITY);
    this.toldError = "";
    const { name, nick: wanted } = this.settings;
    const why = this.isMe(wanted) ? "" : `, as ${this.nick}: the server did not give us ${wanted}`;
    this.log.info({ network: name, event: "up", nick: this.nick }, `IRC: online${why}`);
    station.online(station.nick.current);
    this.handler.onOnline();
  }

  private closed(error: Error | false): void {
    const wasOnline = this.current === "online";
    const why = this.reason(error, wasOnline);
    this.lastError = why;
    if (wasOnline && this.clock.now() - this.onlineAt >= STABLE_MS) this.backoff.reset();
    this.current = "waiting";
    this.station.offline(why.text);
    if (wasOnline) this.handler.onOffline(why.text);
    this.tell(why, wasOnline ? "down" : "fault");
    if (this.isStopping) this.finish();
    else this.become("waiting", this.clock.now() + this.wait(why));
  }

  private reason(error: Error | false, wasOnline: boolean): Failure {
    const where = `${this.settings.host}:${this.settings.port}`;
    if (this.why !== null) return this.why;
    if (this.said !== "") return closedBy(this.said);
    const isTls = this.settings.tls !== false;
    if (error === false) return closedSilently(where, wasOnline, isTls);
    return wasOnline
      ? failure("IRC_LOST", `the connection to ${where} was lost: ${error.message}`)
      : unreachable(where, error, isTls);
  }

  private wait(why: Failure): number {
    const { retryMaxMs, randomSource } = this.settings;
    const wait = this.backoff.next();
    return isRefusal(why) ? Math.max(wait, (retryMaxMs * (1 + randomSource())) / 2) : wait;
  }

  /** One line a change, and none a retry. */
  private tell(why: Failure, event: "down" | "fault"): void {
    if (this.isStopping || this.toldError === why.code) return;
    this.toldError = why.code;
    const { code, text, mend } = why;
    const { name } = this.settings;
    this.log.warn({ network: name, event, code, ...(mend !== "" && { mend }) }, `IRC: ${text}`);
  }

  /** What was begun is over, or has had its time: goodbye. */
  private lookQuit(): void {
    const { writer } = this.station;
    const now = this.clock.now();
    if (this.hasQuit || (this.current === "online" && !writer.isIdle && now < this.dueAt)) return;
    this.quit(now);
  }

  private quit(now: number): void {
    const { connection } = this.station;
    this.hasQuit = true;
    this.dueAt = now + QUIT_MS;
    connection?.write("QUIT :bye");
    connection?.close(this.current === "connecting");
  }

  private finish(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.station.writer.disconnected();
    this.stopped?.();
  }

  private become(state: NetworkState, dueAt: number): void {
    this.current = state;
    this.dueAt = dueAt;
    this.arm();
  }

  /** Something has happened: the timer is set to what is due next. */
  private arm(): void {
    if (this.isStopping) this.lookQuit();
    const at = this.current === "online" ? Math.min(this.dueAt, this.station.deadline) : this.dueAt;
    if (this.timer !== null && at >= this.timerAt) return; // it looks again then
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(
      () => this.tick(),
      Math.min(MAX_TIMER_MS, Math.ceil(Math.max(0, at - this.clock.now()))),
    );
  }

  private tick(): void {
    this.timer = null;
    this.timerAt = Number.POSITIVE_INFINITY;
    const isDue = this.clock.now() >= this.dueAt;
    if (this.current === "online" && this.station.tick())
      this.timedOut("the server does not answer any more");
    if (isDue) this.due();
    this.arm();
  }

  private due(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.hasQuit) this.station.connection?.close(true);
    else if (this.isStopping) this.quit(this.clock.now());
    else if (this.current === "waiting") void this.connect();
    else if (this.current === "connecting") this.timedOut(`no connection within ${CONNECT_MS / 1000} s`);
    else if (this.current === "registering") this.timedOut(`not registered within ${REGISTER_MS / 1000} s`);
  }

  private timedOut(what: string): void {
    this.giveUp(failure("IRC_TIMEOUT", `${this.settings.host}:${this.settings.port}: ${what}`));
  }
}

let client: typeof IrcClient | undefined;

/** irc-framework, which costs a start some 50 ms, is loaded only where there is IRC. */
async function loadClient(): Promise<typeof IrcClient> {
  client ??= (await import("irc-framework/src/client.js")).default;
  return client;
}
