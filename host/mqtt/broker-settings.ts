/** The settings of a broker as its connection has them. */
import type { MqttConfig } from "../config/schema.ts";
import { readSecretOf } from "../platform/settings-file.ts";
import { readClientTls } from "../transports/tls-files.ts";
import type { ConnectionSettings } from "./connection.ts";

export interface OwnWords {
  clientId: string;
  /** What the broker says and keeps when we are gone. */
  will: { topic: string; payload: string };
  /** How long a message may be without its acknowledgement, ms. */
  ackMs: number;
}

/** Reads its files; throws what is wrong in them. */
export function connectionSettings(
  settings: MqttConfig & { url: string },
  { clientId, will, ackMs }: OwnWords,
): ConnectionSettings {
  const { url, version, maxInFlight, maxPacketBytes, user, passwordFile, tls, keepaliveS } = settings;
  const { topic, payload } = will;
  return {
    ...{ url, version, maxInFlight, maxPacketBytes, ackMs },
    options: {
      ...{ clientId, keepalive: keepaliveS, ...readClientTls(tls, "mqtt.tls") },
      will: { topic, payload: Buffer.from(payload), qos: 1, retain: true },
      ...(user !== undefined && { username: user }),
      ...(passwordFile !== undefined && { password: readSecretOf("mqtt.passwordFile", passwordFile) }),
    },
  };
}

/** Without a path's query, which may hold what is secret. */
export function targetOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}
