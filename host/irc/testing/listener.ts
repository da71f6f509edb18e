/** A network under test, and who listens to it: everything that is told is kept in order and can be waited for. */
import type { HeardLine, LineLane, LineOutcome, OutLine } from "../../irc-iot/line.ts";
import { LineLane as Lane } from "../../irc-iot/line.ts";
import { systemClock } from "../../platform/clock.ts";
import { type Log, silentLog } from "../../platform/log.ts";
import { until } from "../../platform/testing/until.ts";
import { seededRandom } from "../../transports/random.ts";
import type { IrcLine } from "../line-log.ts";
import { IrcNetwork } from "../network.ts";
import type { IrcHandler, IrcNetworkSettings } from "../settings.ts";

export class Listener implements IrcHandler {
  readonly heard: HeardLine[] = [];
  /** "online", "offline: reason", "#lab joined", "#lab kicked: reason", "nick a b", "gone a". */
  readonly events: string[] = [];
  readonly lines: IrcLine[] = [];

  onHeard(line: HeardLine): void {
    this.heard.push(line);
  }
  onOnline(): void {
    this.events.push("online");
  }
  onOffline(reason: string): void {
    this.events.push(`offline: ${reason}`);
  }
  onChannel(name: string, state: string, reason: string): void {
    this.events.push(`${name} ${state}${reason === "" ? "" : `: ${reason}`}`);
  }
  onNick(old: string, now: string): void {
    this.events.push(`nick ${old} ${now}`);
  }
  onLine(line: IrcLine): void {
    this.lines.push(line);
  }
  onGone(nick: string): void {
    this.events.push(`gone ${nick}`);
  }

  /** -> the first event from `since` on that begins so, come already or still to come. */
  async event(begin: string, since = 0): Promise<string> {
    const find = () => this.events.slice(since).find((event) => event.startsWith(begin));
    await until(() => {
      if (find() === undefined)
        throw new Error(`waiting for "${begin}"; there were ${this.events.join(", ")}`);
    });
    return find()!;
  }

  async line(text: string): Promise<HeardLine> {
    const find = () => this.heard.find((line) => line.text.includes(text));
    await until(() => find() !== undefined);
    return find()!;
  }
}

export interface TestNetwork {
  network: IrcNetwork;
  listener: Listener;
  /** -> the outcome. `text` null: withdrawn when its turn comes. */
  say(target: string, text: string | null, lane?: LineLane): Promise<LineOutcome>;
}

/** Starts one with #lab, a fast bucket and short waits, unless the settings say otherwise. */
export function startNetwork(
  settings: Partial<IrcNetworkSettings> & { port: number },
  log: Log = silentLog,
): TestNetwork {
  const listener = new Listener();
  const defaults: Omit<IrcNetworkSettings, "port"> = {
    name: "test",
    host: "127.0.0.1",
    tls: false,
    nick: "gw",
    user: "bowline",
    realname: "a gateway",
    sasl: null,
    channels: [{ name: "#lab" }],
    flood: { burst: 1000, perS: 1000 },
    maxQueue: 1000,
    retryMinMs: 10,
    retryMaxMs: 50,
    randomSource: seededRandom(1),
  };
  const network = new IrcNetwork({ ...defaults, ...settings }, listener, systemClock, log);
  network.start();
  const say = (target: string, text: string | null, lane: LineLane = Lane.FRESH) =>
    new Promise<LineOutcome>((resolve) => network.send(outLine(target, text, lane, resolve)));
  return { network, listener, say };
}

function outLine(
  target: string,
  text: string | null,
  lane: LineLane,
  onOutcome: (outcome: LineOutcome) => void,
): OutLine {
  return { target, lane, maxBytes: Buffer.byteLength(text ?? "x"), take: async () => text, onOutcome };
}
