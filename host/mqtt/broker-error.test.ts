/** What MQTT.js and brokers say, as an error of ours. */
import { expect, test } from "vitest";
import { BrokerError, brokerError, isForbidden, isNever, nameOfReason } from "./broker-error.ts";

const error = (message: string, code?: unknown) => Object.assign(new Error(message), { code });

test.each([
  [
    "a broker's reason",
    error("Packet too large", 0x95),
    { message: "Packet too large", code: 0x95, isLost: false },
  ],
  [
    "a line that was cut",
    error("read ECONNRESET", "ECONNRESET"),
    { message: "read ECONNRESET", code: 0, isLost: true },
  ],
  ["a code without words", error("", "ECONNREFUSED"), { message: "ECONNREFUSED", code: 0, isLost: true }],
  ["neither code nor words", error(""), { message: "Error", code: 0, isLost: true }],
])("%s", (_, said, told) => {
  const one = brokerError(said);
  expect({ message: one.message, code: one.code, isLost: one.isLost }).toEqual(told);
  expect(brokerError(one)).toBe(one);
});

test("what a broker never takes is not tried again; what a lost line said is no word of the broker", () => {
  expect(isNever(new BrokerError("", 0x95))).toBe(true);
  expect([isNever(new BrokerError("", 0x95, true)), isNever(error("", 0x95))]).toEqual([false, false]);
  expect(isForbidden(new BrokerError("", 0x87))).toBe(true);
  expect(isForbidden(new BrokerError("", 0x87, true))).toBe(false);
});

test("a reason that people do not meet is told by its number", () => {
  expect([nameOfReason(142), nameOfReason(200)]).toEqual([
    "session taken over",
    "the broker has ended the connection (reason 200)",
  ]);
});
