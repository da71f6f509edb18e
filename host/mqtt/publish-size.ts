/**
 * How large a PUBLISH packet is, so that one that the broker does not take is never sent: it would end the connection.
 *
 *   wire:  type:1  remaining:~  topicSize:2 topic:~  packetId:2  [ propertiesSize:~ properties:~ ]  payload:~
 */
import type { IPublishPacket } from "mqtt";

/** MQTT's own bound of a topic, bytes. */
export const MOST_TOPIC = 65_535;

/** Those that we send. */
export type PublishProperties = Pick<
  NonNullable<IPublishPacket["properties"]>,
  "payloadFormatIndicator" | "contentType" | "userProperties" | "correlationData"
>;

export interface PublishParts {
  topic: string;
  payload: Uint8Array;
  /** null: MQTT 3.1.1 has none. */
  properties: PublishProperties | null;
}

/** Bytes of the whole packet, at QoS 1. */
export function publishSize({ topic, payload, properties }: PublishParts): number {
  const propertyBytes = properties === null ? 0 : bytesOf(properties);
  const withSize = properties === null ? 0 : sizeOf(propertyBytes) + propertyBytes;
  const remaining = 2 + Buffer.byteLength(topic) + 2 + withSize + payload.length;
  return 1 + sizeOf(remaining) + remaining;
}

function bytesOf(properties: PublishProperties): number {
  const { payloadFormatIndicator, contentType, userProperties = {}, correlationData } = properties;
  let bytes = payloadFormatIndicator === undefined ? 0 : 2;
  if (contentType !== undefined) bytes += 3 + Buffer.byteLength(contentType);
  if (correlationData !== undefined) bytes += 3 + correlationData.length;
  for (const [name, values] of Object.entries(userProperties))
    for (const value of [values].flat()) bytes += 5 + Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}

/** Bytes of MQTT's variable byte integer. */
function sizeOf(value: number): number {
  return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}
