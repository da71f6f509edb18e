/** A robot on IRC for tests: a scripted person at the wire, and a participant of IRC-IoT that speaks through it. */
import type { KeyObject } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Datum } from "../../irc-iot/datum.ts";
import type { Fault } from "../../irc-iot/fault-code.ts";
import { defaultLimits, type Limits } from "../../irc-iot/limits.ts";
import type { OutLine } from "../../irc-iot/line.ts";
import { Participant } from "../../irc-iot/participant.ts";
import type { Source } from "../../irc-iot/participant-types.ts";
import { PATIENCE_MS } from "../../platform/testing/patience.ts";
import { Person, type PersonOptions } from "./person.ts";

export interface RobotOptions extends PersonOptions {
  sign?: KeyObject;
  limits?: Partial<Limits>;
}

/** What a line to anywhere has room for, whatever its mask is (IRC-IoT §13). */
const BUDGET = 360;
const LOOK_MS = 10;
const HEARD = /^(?:@\S+ )?:([^! ]+)!([^@ ]+)@(\S+) PRIVMSG (\S+) :?(.*)$/s;

export class Robot {
  readonly datums: Datum[] = [];
  readonly faults: Fault[] = [];
  readonly participant: Participant;
  private read = 0;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    public person: Person,
    private readonly options: RobotOptions,
  ) {
    const { sign, limits, channels = [] } = options;
    const handler = {
      onDatum: (datum: Datum, _: Source) => void this.datums.push(datum),
      onRelayed: (datum: Datum, _: Source) => void this.datums.push(datum),
      onLine: (line: OutLine) => void this.sayLine(line),
      onFault: (fault: Fault) => void this.faults.push(fault),
      onPeer() {},
      budget: () => BUDGET,
      isMember: () => true,
    };
    this.participant = new Participant(
      {
        limits: { ...defaultLimits, ...limits },
        ...{
          schemes: { scheme: "b85z" },
          checksum: "",
          sign: sign === undefined ? null : { privateKey: sign },
        },
        ...{ peers: [], random: Math.random, now: () => performance.now(), wall: Date.now },
      },
      handler,
      { mid: 10_000 + (Date.now() % 80_000), oid: 1000, did: 100 },
    );
    this.participant.ownNick = person.nick;
    for (const channel of channels) this.participant.channels.add(channel);
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  static async connect(options: RobotOptions): Promise<Robot> {
    return new Robot(await Person.connect(options), options);
  }

  /** -> the lines that were said. */
  say(target: string, ...datums: Datum[]): string[] {
    const texts = this.participant
      .pack(datums, { name: target }, BUDGET)
      .map((unsent) => this.participant.stamp(unsent, target, performance.now()));
    for (const text of texts) this.person.say(target, text);
    return texts;
  }

  /** The first Datum that fits, heard already or still to come. */
  async heard(fits: (datum: Datum) => boolean): Promise<Datum> {
    const since = performance.now();
    for (;;) {
      const found = this.datums.find(fits);
      if (found !== undefined) return found;
      if (performance.now() - since > PATIENCE_MS)
        throw new Error(
          `waiting for ${fits}; heard ${JSON.stringify(this.datums.slice(-5))}, ${JSON.stringify(this.faults.slice(-3))}`,
        );
      await setTimeout(LOOK_MS);
    }
  }

  /** Its connection is gone: comes back, and knows what it knew. */
  async again(): Promise<void> {
    this.look();
    this.person = await Person.connect(this.options);
    this.read = 0;
  }

  async quit(): Promise<void> {
    clearInterval(this.timer);
    await this.person.quit();
  }

  private look(): void {
    const { person, participant } = this;
    for (; this.read < person.lines.length; this.read++) {
      const [, nick, user, host, target, text] = HEARD.exec(person.lines[this.read]) ?? [];
      if (nick === undefined) continue;
      const from = { network: "robot", nick, user, host, account: null };
      participant.receive({ from, channel: target.startsWith("#") ? target : null, text }, performance.now());
    }
    if (performance.now() >= participant.deadline) participant.tick(performance.now());
  }

  private async sayLine(line: OutLine): Promise<void> {
    const text = await line.take();
    if (text !== null) this.person.say(line.target, text);
    line.onOutcome(text === null ? "withdrawn" : "confirmed");
  }
}
