/**
 * One connection to a broker, from its first byte to its last: MQTT.js with a session that begins anew, no store to rely on
 * and nothing that connects again. No more is on its way than the broker takes.
 */
import type { IClientOptions, IConnackPacket, IPublishPacket, MqttClient } from "mqtt";

/** What the broker and the settings allow together. */
export interface Granted {
  /** Messages that it has not acknowledged. */
  inFlight: number;
  packetBytes: number;
  mayRetain: boolean;
}

export interface Publication {
  topic: string;
  payload: Buffer;
  retain?: boolean;
  properties?: IPublishPacket["properties"];
}

export interface ConnectionSettings {
  url: string;
  version: number;
  maxInFlight: number;
  maxPacketBytes: number;
  options: Pick<
    IClientOptions,
    "clientId" | "username" | "password" | "keepalive" | "will" | "ca" | "cert" | "key"
  >;
}

export interface ConnectionEvents {
  onOpen(granted: Granted): void;
  onMessage(packet: IPublishPacket): void;
  /** Once, before what was on its way rejects. `isSilent`: the broker has closed it without a word. */
  onClosed(error: BrokerError, isSilent: boolean): void;
}

/** What the broker says of one publication, or why the connection ended. */
export class BrokerError extends Error {
  override readonly name = "BrokerError";

  /** `code`: MQTT's reason; 0: none was given. */
  constructor(
    message: string,
    readonly code: number,
  ) {
    super(message);
  }
}

/** Of a PUBACK. */
export const PACKET_TOO_LARGE = 0x95;
const CONNECT_MS = 15_000;
/** MQTT 5: what holds when the broker does not say. */
const MOST_IN_FLIGHT = 65_535;

export class MqttConnection {
  private client: MqttClient | null = null;
  private granted: Granted | null = null;
  private isOver = false;
  private inFlight = 0;
  /** Wait for a place. */
  private readonly waiting: (() => void)[] = [];
  /** What is to be told when the connection ends. */
  private readonly pending = new Set<(error: Error) => void>();
  private why: BrokerError | null = null;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly events: ConnectionEvents,
  ) {}

  async open(): Promise<void> {
    // Loaded only where there is MQTT.
    const { connect } = await import("mqtt");
    const { default: constants } = await import("mqtt-packet/constants.js");
    // mosquitto says so of a message above its message_size_limit; the list of MQTT 5, 3.4.2.1, does not have it, and what
    // is not in it is no packet for MQTT.js.
    constants.MQTT5_PUBACK_PUBREC_CODES[PACKET_TOO_LARGE] ??= "Packet too large";
    if (this.isOver) return;
    const { url, version, options } = this.settings;
    const client = connect(url, {
      ...options,
      ...{ protocolVersion: version as 4 | 5, clean: true, reconnectPeriod: 0, connectTimeout: CONNECT_MS },
      ...{ resubscribe: false, queueQoSZero: false, rejectUnauthorized: true },
      // An address may not rename us.
      query: {},
    });
    this.client = client;
    client.on("connect", (packet) => this.begin(packet));
    client.on("message", (_topic, _payload, packet) => this.events.onMessage(packet));
    client.on("error", (error) => this.fail(error));
    client.on("disconnect", ({ reasonCode = 0, properties }) =>
      this.fail(new BrokerError(properties?.reasonString ?? nameOf(reasonCode), reasonCode)),
    );
    client.on("close", () => this.close());
  }

  /** Resolves once the broker has acknowledged it. Rejects with a BrokerError. */
  async publish(publication: Publication): Promise<void> {
    await this.place();
    const { topic, payload, retain = false, properties } = publication;
    try {
      await this.whileOpen<void>((client, resolve, reject) => {
        client.publish(topic, payload, { qos: 1, retain, ...(properties && { properties }) }, (error) =>
          error ? reject(error) : resolve(),
        );
      });
    } finally {
      this.inFlight--;
      this.waiting.shift()?.();
    }
  }

  /** Resolves once the broker has granted all. Rejects with a BrokerError. */
  subscribe(filters: readonly string[]): Promise<void> {
    return this.whileOpen<void>((client, resolve, reject) => {
      client.subscribe([...filters], { qos: 1 }, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Says goodbye, so that the broker tells no last will; what is not acknowledged by now is given up. */
  async end(): Promise<void> {
    const { client } = this;
    if (client === null || !client.connected || this.inFlight > 0) return this.destroy();
    await new Promise<void>((resolve) => client.end(false, {}, () => resolve()));
    this.close();
  }

  /** Ends it as a cut line does. */
  destroy(): void {
    this.client?.end(true);
    this.client?.stream?.destroy();
    this.close();
  }

  private begin({ properties = {} }: IConnackPacket): void {
    const { maxInFlight, maxPacketBytes, version } = this.settings;
    const { receiveMaximum = MOST_IN_FLIGHT, maximumPacketSize = maxPacketBytes } = properties;
    if (version === 5 && (properties.maximumQoS as number | undefined) === 0)
      return this.fail(new BrokerError("it takes QoS 0 only, and acknowledges nothing", 0));
    this.granted = {
      inFlight: Math.min(maxInFlight, receiveMaximum),
      packetBytes: Math.min(maxPacketBytes, maximumPacketSize),
      mayRetain: properties.retainAvailable !== false,
    };
    this.events.onOpen(this.granted);
  }

  /** Resolves once one more may be on its way. */
  private async place(): Promise<void> {
    while (!this.isOver && this.inFlight >= (this.granted?.inFlight ?? 0))
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.inFlight++;
  }

  private whileOpen<T>(
    act: (client: MqttClient, resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const { client } = this;
      if (this.isOver || client === null) return reject(this.lost());
      this.pending.add(reject);
      const over = () => this.pending.delete(reject);
      act(
        client,
        (value) => {
          over();
          resolve(value);
        },
        (error) => {
          over();
          reject(brokerError(error));
        },
      );
    });
  }

  /** Whatever is wrong ends it: MQTT.js stays where it is after a packet that it cannot read. */
  private fail(error: Error): void {
    // The first reason is the one that the others follow from.
    this.why ??= brokerError(error);
    this.destroy();
  }

  private close(): void {
    if (this.isOver) return;
    this.isOver = true;
    const { client } = this;
    client?.end(true);
    this.events.onClosed(this.lost(), this.why === null);
    for (const reject of [...this.pending]) reject(this.lost());
    for (const go of this.waiting.splice(0)) go();
  }

  private lost(): BrokerError {
    return this.why ?? new BrokerError("the broker has closed the connection", 0);
  }
}

function brokerError(error: Error): BrokerError {
  if (error instanceof BrokerError) return error;
  const { code, message } = error as Error & { code?: unknown };
  const text = message || (typeof code === "string" ? code : String(error));
  return new BrokerError(text, typeof code === "number" ? code : 0);
}

/** Those of a DISCONNECT that people meet (MQTT 5, 3.14.2.1). */
const reasons: Readonly<Record<number, string>> = {
  129: "malformed packet",
  130: "protocol error",
  135: "not authorized",
  137: "the broker is busy",
  139: "the broker is shutting down",
  141: "keep alive timeout",
  142: "session taken over",
  147: "receive maximum exceeded",
  149: "packet too large",
  151: "quota exceeded",
  152: "administrative action",
};

const nameOf = (code: number) => reasons[code] ?? `the broker has ended the connection (reason ${code})`;
