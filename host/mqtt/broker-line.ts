/** The line to a broker: a connection, and when it ends another one, for ever. */
import type { IPublishPacket } from "mqtt";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { Retry } from "../platform/retry.ts";
import { BrokerError, RETAIN_NOT_SUPPORTED, SESSION_TAKEN_OVER } from "./broker-error.ts";
import { type ConnectionSettings, type Granted, MqttConnection } from "./connection.ts";

export interface BrokerLineOptions {
  wire: ConnectionSettings;
  clientId: string;
  clock: Pick<Clock, "now">;
  log: Log;
  /** 0…1. */
  random(): number;
  onUp(connection: MqttConnection, granted: Granted): void;
  onDown(): void;
  onMessage(packet: IPublishPacket): void;
}

const waits = { leastMs: 500, mostMs: 30_000 };
/** Somebody else has our name there: who goes on at once takes it back, and is thrown out in turn. */
const takenOver = { leastMs: 60_000, mostMs: 300_000 };
/** A connection that stood so long was no bad one; so long, and nobody who waits as we do has thrown it out. */
const STABLE_MS = 5000;
const ALONE_MS = 2 * takenOver.mostMs;
/** Let in and thrown out so often, without a word and without being away between: mosquitto names no reason when another
 * client takes our name. */
const THROWN_OUT = 3;

export class BrokerLine {
  /** Why it is away; "": it is not, or was not tried yet. */
  fault = "";
  /** MQTT's reason for that; 0: there is none. */
  code = 0;
  private current: MqttConnection | null = null;
  private given: Granted | null = null;
  private openedAt = 0;
  private isAwayTold = false;
  private isStopped = false;
  /** Whether the broker is to keep our last will: not after it has said that it keeps nothing. */
  private isWillKept = true;
  /** Let in and thrown out without a word, in a row. */
  private thrownOut = 0;
  private readonly again: Retry;

  constructor(private readonly options: BrokerLineOptions) {
    this.again = new Retry(
      () => (this.code === SESSION_TAKEN_OVER ? takenOver : waits),
      () => this.connect(),
      () => options.random(),
    );
  }

  start(): void {
    this.connect();
  }

  /** null: it is not there. */
  get connection(): MqttConnection | null {
    return this.given === null ? null : this.current;
  }

  get granted(): Granted | null {
    return this.given;
  }

  /** No connection follows the one that stands. */
  stop(): void {
    this.isStopped = true;
    this.again.stop();
  }

  destroy(): void {
    this.current?.destroy();
  }

  private connect(): void {
    const connection = new MqttConnection(this.wire(), {
      onOpen: (granted) => this.begin(connection, granted),
      onMessage: (packet) => this.options.onMessage(packet),
      onClosed: (error, isSilent) => this.lose(error, isSilent),
    });
    this.current = connection;
    connection.open().catch((error: unknown) => this.lose(new BrokerError(String(error), 0), false));
  }

  private wire(): ConnectionSettings {
    const { wire } = this.options;
    const { will } = wire.options;
    if (this.isWillKept || will === undefined) return wire;
    return { ...wire, options: { ...wire.options, will: { ...will, retain: false } } };
  }

  private begin(connection: MqttConnection, granted: Granted): void {
    this.given = granted;
    this.isWillKept = granted.mayRetain;
    this.openedAt = this.options.clock.now();
    [this.fault, this.code, this.isAwayTold] = ["", 0, false];
    const { inFlight } = granted;
    this.options.log.info({ upstream: "mqtt", event: "up", inFlight }, "the broker is there");
    this.options.onUp(connection, granted);
  }

  private lose({ message, code }: BrokerError, isSilent: boolean): void {
    const { given: granted, options } = this;
    [this.current, this.given] = [null, null];
    options.onDown();
    if (this.isStopped) return;
    if (code === RETAIN_NOT_SUPPORTED && this.isWillKept) {
      this.isWillKept = false;
      return this.connect();
    }
    const stoodMs = granted === null ? 0 : options.clock.now() - this.openedAt;
    if (stoodMs > STABLE_MS) this.again.reset();
    const isThrownOut = granted !== null && isSilent && stoodMs < ALONE_MS;
    this.thrownOut = isThrownOut ? this.thrownOut + 1 : 0;
    const isFight = code === SESSION_TAKEN_OVER || this.thrownOut >= THROWN_OUT;
    this.code = isFight ? SESSION_TAKEN_OVER : code;
    this.fault = isFight ? this.faultOfFight(code) : message;
    if (!this.isAwayTold)
      options.log.warn(
        { upstream: "mqtt", event: "down", reason: this.fault },
        `the broker is away: ${this.fault}`,
      );
    this.isAwayTold = true;
    this.again.later();
  }

  private faultOfFight(code: number): string {
    const { clientId, wire } = this.options;
    if (code === SESSION_TAKEN_OVER) return `another client has connected as ${clientId}, our own name there`;
    // Of MQTT 3.1.1 a broker cannot say what is too large for it.
    const or = wire.version === 5 ? "" : " Or is something larger than it takes (mqtt.maxPacketBytes)?";
    return `let us in and closed the connection, ${this.thrownOut} times: is another client called ${clientId}, too?${or}`;
  }
}
