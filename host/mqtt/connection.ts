/**
 * One connection to a broker, from its first byte to its last: MQTT.js with a session that begins anew, no store to rely on
 * and nothing that connects again. No more is on its way than the broker takes.
 */
import type { IClientOptions, IConnackPacket, IPublishPacket, MqttClient } from "mqtt";
import {
  BrokerError,
  brokerError,
  isNever,
  NO_ACKNOWLEDGEMENT,
  nameOfReason,
  PACKET_TOO_LARGE,
  TOPIC_INVALID,
} from "./broker-error.ts";
import { Flights } from "./flights.ts";
import { MOST_TOPIC, type PublishProperties, publishSize } from "./publish-size.ts";

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
  /** MQTT 3.1.1 has none. */
  properties?: PublishProperties;
}

export interface ConnectionSettings {
  url: string;
  version: number;
  maxInFlight: number;
  maxPacketBytes: number;
  /** How long a message may be without its acknowledgement, ms. */
  ackMs: number;
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

const CONNECT_MS = 15_000;
/** MQTT 5: what holds when the broker does not say. */
const MOST_IN_FLIGHT = 65_535;

export class MqttConnection {
  private client: MqttClient | null = null;
  private granted: Granted | null = null;
  private isOver = false;
  private readonly flights: Flights;
  /** What is to be told when the connection ends. */
  private readonly pending = new Set<(error: Error) => void>();
  private why: BrokerError | null = null;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly events: ConnectionEvents,
  ) {
    const { ackMs } = settings;
    this.flights = new Flights({
      ...{ ackMs, places: () => this.granted?.inFlight ?? 0 },
      onLate: () =>
        this.fail(new BrokerError(`it acknowledges nothing for ${ackMs / 1000} s`, NO_ACKNOWLEDGEMENT)),
    });
  }

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
      this.fail(new BrokerError(properties?.reasonString ?? nameOfReason(reasonCode), reasonCode)),
    );
    client.on("close", () => this.close());
  }

  /**
   * Resolves once the broker has acknowledged it. Rejects with a BrokerError; what is larger than the broker takes is not
   * sent. `onLeaves`: its bytes leave now; never called if the connection ends before.
   */
  async publish(publication: Publication, onLeaves: () => void = () => {}): Promise<void> {
    const { topic, payload, retain = false } = publication;
    const properties = this.settings.version === 5 ? (publication.properties ?? {}) : null;
    const size = publishSize({ topic, payload, properties });
    this.check(topic, size);
    const flight = await this.flights.enter();
    try {
      await this.whileOpen<void>((client, resolve, reject) => {
        onLeaves();
        client.publish(topic, payload, { qos: 1, retain, ...(properties && { properties }) }, (error) =>
          error ? reject(error) : resolve(),
        );
      });
    } catch (error) {
      if (isNever(error) && error.code === PACKET_TOO_LARGE)
        throw new BrokerError(`it has ${size} bytes, and the broker takes fewer`, PACKET_TOO_LARGE);
      throw error;
    } finally {
      this.flights.leave(flight);
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
    if (client === null || !client.connected || this.flights.count > 0) return this.destroy();
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

  private check(topic: string, size: number): void {
    const { packetBytes } = this.granted ?? { packetBytes: Number.POSITIVE_INFINITY };
    if (size > packetBytes)
      throw new BrokerError(`it has ${size} bytes, and the broker takes ${packetBytes}`, PACKET_TOO_LARGE);
    const topicBytes = Buffer.byteLength(topic);
    if (topicBytes > MOST_TOPIC)
      throw new BrokerError(`its topic has ${topicBytes} bytes; allowed: ${MOST_TOPIC}`, TOPIC_INVALID);
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
          const why = brokerError(error);
          reject(why.isLost && this.why !== null ? this.lost() : why);
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
    this.flights.close();
  }

  private lost(): BrokerError {
    const { message, code } = this.why ?? { message: "the broker has closed the connection", code: 0 };
    return new BrokerError(message, code, true);
  }
}
