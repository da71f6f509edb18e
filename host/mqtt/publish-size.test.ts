/** The size that is reckoned, beside the packet that mqtt-packet makes. */
import mqttPacket from "mqtt-packet";
import { expect, test } from "vitest";
import { publishSize, stringBytes, userBytes } from "./publish-size.ts";

test.each([0, 60, 100, 16_300, 16_340, 2_097_100])("of %i bytes, at both versions", (length) => {
  const topic = "bowline/Küche/a/l:temp";
  const payload = Buffer.alloc(length);
  const packet = { cmd: "publish", topic, payload, qos: 1, messageId: 7, dup: false, retain: false } as const;
  const properties = {
    payloadFormatIndicator: true,
    contentType: "application/json",
    userProperties: { id: "ä:e:1" },
  };
  const sizeOf = (protocolVersion: 4 | 5) =>
    mqttPacket.generate({ ...packet, ...(protocolVersion === 5 && { properties }) }, { protocolVersion })
      .length;
  const propertyBytes = 2 + stringBytes("application/json") + userBytes("id", "ä:e:1");
  expect(publishSize({ topic, payload, propertyBytes })).toBe(sizeOf(5));
  expect(publishSize({ topic, payload, propertyBytes: null })).toBe(sizeOf(4));
});
