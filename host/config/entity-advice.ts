/**
 * What of mqtt.homeAssistant.fields Home Assistant would not take: it drops the entity, or its statistics, and says so in a log of
 * its own alone. Advice, no refusal: its next release may know more.
 */
import { suggest } from "../platform/suggest.ts";
import type { MqttConfig } from "./schema.ts";

/** https://www.home-assistant.io/integrations/binary_sensor/#device-class */
const ofTrueAndFalse = [
  ...["battery", "battery_charging", "carbon_monoxide", "cold", "connectivity", "door", "garage_door", "gas"],
  ...["heat", "light", "lock", "moisture", "motion", "moving", "occupancy", "opening", "plug", "power"],
  ...[
    "presence",
    "problem",
    "running",
    "safety",
    "smoke",
    "sound",
    "tamper",
    "update",
    "vibration",
    "window",
  ],
];

/** https://www.home-assistant.io/integrations/sensor/#device-class; without units: it may have many, or any. */
const ofNumbers: Readonly<Record<string, readonly string[] | null>> = {
  ...{ absolute_humidity: null, apparent_power: null, aqi: null, area: null, atmospheric_pressure: null },
  ...{ blood_glucose_concentration: null, conductivity: null, data_rate: null, data_size: null, date: null },
  ...{ distance: null, energy_distance: null, energy_storage: null, enum: null, frequency: null, gas: null },
  ...{ irradiance: null, monetary: null, nitrogen_dioxide: null, nitrogen_monoxide: null, ozone: null },
  ...{ nitrous_oxide: null, ph: null, pm1: null, pm10: null, pm25: null, pm4: null, power_factor: null },
  ...{ precipitation: null, precipitation_intensity: null, pressure: null, reactive_energy: null },
  ...{ reactive_power: null, sound_pressure: null, speed: null, sulphur_dioxide: null, timestamp: null },
  ...{ temperature_delta: null, volatile_organic_compounds: null, volatile_organic_compounds_parts: null },
  ...{ volume: null, volume_flow_rate: null, volume_storage: null, water: null, weight: null },
  ...{ wind_speed: null, carbon_dioxide: null, carbon_monoxide: null },
  battery: ["%"],
  current: ["A", "mA", "µA"],
  duration: ["d", "h", "min", "s", "ms", "µs"],
  energy: ["J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh", "cal", "kcal", "Mcal", "Gcal"],
  humidity: ["%"],
  illuminance: ["lx"],
  moisture: ["%"],
  power: ["mW", "W", "kW", "MW", "GW", "TW", "BTU/h"],
  signal_strength: ["dB", "dBm"],
  temperature: ["°C", "°F", "K"],
  voltage: ["V", "mV", "µV", "kV", "MV"],
  wind_direction: ["°"],
};

/** A line for each field that is not as Home Assistant has it. */
export function entityAdvice(fields: MqttConfig["homeAssistant"]["fields"]): string[] {
  return fields.flatMap(({ enabled, deviceClass, unit }, i) => {
    if (!enabled || deviceClass === undefined) return [];
    const place = `mqtt.homeAssistant.fields.${i}`;
    if (!Object.hasOwn(ofNumbers, deviceClass) && !ofTrueAndFalse.includes(deviceClass))
      return [`${place}.deviceClass: ${JSON.stringify(deviceClass)} ${unknown(deviceClass)}`];
    const units = Object.hasOwn(ofNumbers, deviceClass) ? ofNumbers[deviceClass] : null;
    if (units === null || unit === undefined || units.includes(unit)) return [];
    const seen = `${JSON.stringify(unit)} is no unit of ${deviceClass} in Home Assistant`;
    return [`${place}.unit: ${seen}; allowed: ${units.join(", ")}`];
  });
}

function unknown(name: string): string {
  const nearest = suggest(name, [...Object.keys(ofNumbers), ...ofTrueAndFalse]);
  const more = "https://www.home-assistant.io/integrations/sensor/#device-class lists them";
  const question = nearest === undefined ? more : `did you mean ${nearest}?`;
  return `is no device class that is known of Home Assistant; ${question}`;
}
