/**
 * How large a PUBLISH packet is, so that one that the broker does not take is never sent: it would end the connection.
 *
 *   wire:  type:1  remaining:~  topicSize:2 topic:~  packetId:2  [ propertiesSize:~ properties:~ ]  payload:~
 */

/** MQTT's own bound of a topic, bytes. */
export const MOST_TOPIC = 65_535;

export interface PublishParts {
  topic: string;
  payload: Uint8Array;
  /** Of the properties, without their size; null: MQTT 3.1.1 has none. */
  propertyBytes: number | null;
}

/** Bytes of the whole packet, at QoS 1. */
export function publishSize({ topic, payload, propertyBytes }: PublishParts): number {
  const properties = propertyBytes === null ? 0 : sizeOf(propertyBytes) + propertyBytes;
  const remaining = 2 + Buffer.byteLength(topic) + 2 + properties + payload.length;
  return 1 + sizeOf(remaining) + remaining;
}

/** A property of one string, and one of a name and a value. */
export const stringBytes = (text: string) => 3 + Buffer.byteLength(text);
export const userBytes = (name: string, value: string) =>
  5 + Buffer.byteLength(name) + Buffer.byteLength(value);

/** Bytes of MQTT's variable byte integer. */
function sizeOf(value: number): number {
  return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}
