/** What may help, for what people see when a broker is not as it is configured. */
import { expect, test } from "vitest";
import { mendOf } from "./mends.ts";

const broker = { url: "mqtt://broker.example", clientId: "bowline-gw1", topic: "bowline/gw1" };
const secure = { ...broker, url: "mqtts://broker.example:1883" };

test.each([
  [
    "a name that there is none of",
    "getaddrinfo ENOTFOUND broker.example",
    broker,
    /^mqtt\.url; systemctl status/,
  ],
  ["nobody at the port", "connect ECONNREFUSED 127.0.0.1:1883", broker, /^mqtt\.url; systemctl status/],
  ["nobody who answers", "connack timeout", broker, /^mqtt\.url; systemctl status/],
  ["TLS at a port without", "read ECONNRESET", secure, /is TLS spoken there\?.*broker\.example:1883/],
  ["a web server", "Invalid header flag bits, must be 0x0 for puback packet", broker, /speaks no MQTT/],
  ["a line that ends", "read ECONNRESET", broker, /^mosquitto_sub -h broker\.example -p 1883 -t/],
])("%s", (_, fault, at, mend) => expect(mendOf(0, fault, at)).toMatch(mend));

test("who logs in looks with the same login; what may not be written is named", () => {
  const own = { ...broker, user: "gw", passwordFile: "/etc/bowline/mqtt.password" };
  expect(mendOf(0, "", own)).toBe(
    "mosquitto_sub -h broker.example -p 1883 -u gw -P \"$(cat /etc/bowline/mqtt.password)\" -t 'bowline/gw1/#' -v",
  );
  expect(mendOf(0x87, "", { ...broker, topic: "homeassistant" })).toContain("let it write homeassistant/#");
});

test("of a secure broker at its usual port the looks go to that one", () => {
  const usual = { ...broker, url: "mqtts://broker.example" };
  expect(mendOf(0, "wrong version number", usual)).toMatch(/-connect broker\.example:8883$/);
  expect(mendOf(0, "read timeout", { ...broker, url: "wss://broker.example" })).toContain("-p 8883 ");
});

test("a broker of another version names the setting, and a login that it does not know the file", () => {
  expect(mendOf(0x84, "", broker)).toBe("mqtt.version: 4, for MQTT 3.1.1");
  expect(mendOf(5, "", broker)).toBe("mqtt.user and mqtt.passwordFile: as the broker has them");
});
