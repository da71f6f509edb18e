/** The size that is reckoned, beside the packet that mqtt-packet makes. */
import mqttPacket from "mqtt-packet";
import { expect, test } from "vitest";
import { publishSize } from "./publish-size.ts";

test.each([0, 60, 100, 16_300, 16_340, 2_097_100])("of %i bytes, at both versions", (length) => {
  const topic = "bowline/Küche/a/l:temp";
  const payload = Buffer.alloc(length);
  const packet = { cmd: "publish", topic, payload, qos: 1, messageId: 7, dup: false, retain: false } as const;
  const all = {
    ...{ payloadFormatIndicator: true, contentType: "application/json" },
    ...{ userProperties: { id: "ä:e:1", more: ["1", "22"] }, correlationData: Buffer.from("12345678") },
  };
  const made = (protocolVersion: 4 | 5, properties?: typeof all | object) =>
    mqttPacket.generate({ ...packet, ...(properties && { properties }) }, { protocolVersion }).length;
  for (const properties of [{}, { correlationData: Buffer.alloc(200) }, { contentType: "ä" }, all])
    expect(publishSize({ topic, payload, properties })).toBe(made(5, properties));
  expect(publishSize({ topic, payload, properties: null })).toBe(made(4));
});
