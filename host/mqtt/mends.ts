/** What may help when a broker is away, or takes nothing, or not all. */
import { NO_ACKNOWLEDGEMENT, PACKET_TOO_LARGE, SESSION_TAKEN_OVER } from "./broker-error.ts";

/** CONNACK of MQTT 3.1.1: 4, 5; of MQTT 5: 0x86, 0x87, 0x8a, 0x8c. */
const REFUSED_LOGIN = [4, 5, 0x86, 0x8a, 0x8c];
const NOT_AUTHORIZED = 0x87;
/** Of MQTT 3.1.1 and of 5. */
const WRONG_VERSION = [1, 0x84];

interface Broker {
  url: string;
  clientId: string;
  topic: string;
}

/** `code`: MQTT's reason, 0: there is none. */
export function mendOf(code: number, { url, clientId, topic }: Broker): string {
  if (code === SESSION_TAKEN_OVER)
    return `gateway.id, or mqtt.clientId: a name for each gateway; now ${clientId}`;
  if (code === PACKET_TOO_LARGE)
    return "mqtt.types, mqtt.devices: less that it is told; or let the broker take more (mosquitto: max_packet_size, message_size_limit)";
  if (code === NO_ACKNOWLEDGEMENT)
    return "the broker's own log: a full disk, or a plugin or bridge of it that stands still; then start it again";
  if (REFUSED_LOGIN.includes(code)) return "mqtt.user and mqtt.passwordFile: as the broker has them";
  if (code === NOT_AUTHORIZED)
    return `mqtt.user and mqtt.passwordFile; or let it write ${topic}/# in the broker's rules`;
  if (WRONG_VERSION.includes(code)) return "mqtt.version: 4, for MQTT 3.1.1";
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "mqtts:" || protocol === "wss:";
  return `mosquitto_sub -h ${hostname} -p ${port || (isSecure ? 8883 : 1883)} -t '${topic}/#' -v`;
}
