/** What may help when a broker is away, or takes nothing, or not all. */
import { NO_ACKNOWLEDGEMENT, PACKET_TOO_LARGE, SESSION_TAKEN_OVER } from "./broker-error.ts";

/** CONNACK of MQTT 3.1.1: 4, 5; of MQTT 5: 0x86, 0x87, 0x8a, 0x8c. */
const REFUSED_LOGIN = [4, 5, 0x86, 0x8a, 0x8c];
const NOT_AUTHORIZED = 0x87;
/** Of MQTT 3.1.1 and of 5. */
const WRONG_VERSION = [1, 0x84];

/** What is said there is no MQTT: MQTT.js's words for bytes that it cannot read, and Node's for an answer that is no TLS. */
const NO_MQTT = /header flag bits|malformed|cannot parse|parse error|unexpected server response/i;
const NO_TLS =
  /wrong version number|packet length too long|ssl|econnreset|socket disconnected before secure/i;
const ABSENT = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|connack timeout/i;

interface Broker {
  url: string;
  clientId: string;
  user?: string | undefined;
  passwordFile?: string | undefined;
  /** What it is not let write under, or what all of ours is under. */
  topic: string;
}

/** `code`: MQTT's reason, 0: there is none; `fault`: what was said. */
export function mendOf(code: number, fault: string, broker: Broker): string {
  const { url, clientId, topic } = broker;
  if (code === SESSION_TAKEN_OVER) {
    const or = fault.includes("maxPacketBytes") ? "; or mqtt.maxPacketBytes: as the broker has it" : "";
    return `gateway.id, or mqtt.clientId: a name for each gateway; now ${clientId}${or}`;
  }
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
  if (isSecure && NO_TLS.test(fault))
    return `mqtt.url: is TLS spoken there? ${protocol} has port 8883 mostly, without TLS 1883; at this one: openssl s_client -connect ${hostname}:${port || 8883}`;
  if (ABSENT.test(fault)) return "mqtt.url; systemctl status mosquitto, on its machine";
  if (code === 0 && NO_MQTT.test(fault)) return "mqtt.url: what is there speaks no MQTT";
  const { user, passwordFile } = broker;
  const who = user === undefined ? "" : ` -u ${user}`;
  const secret = passwordFile === undefined ? "" : ` -P "$(cat ${passwordFile})"`;
  return `mosquitto_sub -h ${hostname} -p ${port || (isSecure ? 8883 : 1883)}${who}${secret} -t '${topic}/#' -v`;
}
