/** What Home Assistant would drop in silence is told when the configuration is checked. */
import { expect, test } from "vitest";
import { entityAdvice } from "./entity-advice.ts";

const advice = (deviceClass?: string, unit?: string, enabled = true) =>
  entityAdvice([{ enabled, type: "*", field: "x", deviceClass, unit }]);

test.each([
  ["humidity", "%"],
  ["temperature", "°F"],
  ["door", undefined],
  ["battery", undefined],
  ["weight", "stone"],
  [undefined, "anything"],
])("%s in %s is as Home Assistant has it, or not known to be otherwise", (deviceClass, unit) => {
  expect(advice(deviceClass, unit)).toEqual([]);
});

test.each([
  [
    ["humidty", "%"],
    '.deviceClass: "humidty" is no device class that is known of Home Assistant; did you mean humidity?',
  ],
  [
    ["Temperature", "°C"],
    '.deviceClass: "Temperature" is no device class that is known of Home Assistant; did you mean temperature?',
  ],
  [
    ["constructor", undefined],
    '.deviceClass: "constructor" is no device class that is known of Home Assistant; https://www.home-assistant.io/integrations/sensor/#device-class lists them',
  ],
  [["temperature", "C"], '.unit: "C" is no unit of temperature in Home Assistant; allowed: °C, °F, K'],
] as const)("%j is told", ([deviceClass, unit], told) => {
  expect(advice(deviceClass, unit)).toEqual([`mqtt.homeAssistant.fields.0${told}`]);
  expect(advice(deviceClass, unit, false)).toEqual([]);
});
