/** Boards as Home Assistant finds them: every message of discovery checked against the fields that are documented. */
import { expect, test } from "vitest";
import { z } from "zod";
import { Discovery, type DiscoveryOptions } from "./discovery.ts";
import { Topics } from "./topics.ts";

// https://www.home-assistant.io/integrations/mqtt, sensor.mqtt, binary_sensor.mqtt, switch.mqtt, button.mqtt: the fields that
// we use, no other, as Home Assistant's own schemas have them (homeassistant/components/mqtt, sensor/const.py).
const topic = z.string().regex(/^[^+#\0]+$/);
const common = {
  name: z.string().min(1),
  unique_id: z.string().regex(/^[A-Za-z0-9_-]+$/),
  // As an entity's id may be: 2025.9 and earlier have the one, 2025.10 and later the other.
  object_id: z.string().regex(/^(?!.*__)(?!_)[a-z0-9_]+(?<!_)$/),
  default_entity_id: z.string().regex(/^(sensor|binary_sensor|switch|button)\.[a-z0-9_]+$/),
  qos: z.literal(1),
  device: z.strictObject({
    identifiers: z.array(z.string().min(1)).min(1),
    name: z.string().min(1),
    manufacturer: z.string().min(1),
    model: z.string().min(1).optional(),
    sw_version: z.string().min(1).optional(),
    via_device: z.string().min(1).optional(),
  }),
  origin: z.strictObject({ name: z.string().min(1) }),
  value_template: z
    .string()
    .regex(/^\{\{ value_json\['([^'\\\r\n]|\\.)+'\]\['([^'\\\r\n]|\\.)+'\] \}\}$/)
    .optional(),
  availability: z
    .array(
      z.strictObject({
        ...{ topic, payload_available: z.literal("online"), payload_not_available: z.literal("offline") },
      }),
    )
    .optional(),
  availability_mode: z.literal("all").optional(),
};
/** DEVICE_CLASS_UNITS and DEVICE_CLASS_STATE_CLASSES: those of the device classes in these tests. */
const classes: Record<string, { units: (string | undefined)[]; states: (string | undefined)[] }> = {
  temperature: { units: ["°C", "°F", "K"], states: ["measurement", undefined] },
  voltage: { units: ["V", "mV"], states: ["measurement", undefined] },
  duration: { units: ["s", "min", "h"], states: ["measurement", "total", "total_increasing", undefined] },
  humidity: { units: ["%"], states: ["measurement", undefined] },
  energy: { units: ["Wh", "kWh"], states: ["total", "total_increasing", undefined] },
  wind_direction: { units: ["°"], states: ["measurement_angle", undefined] },
};
const told = { state_topic: topic, entity_category: z.literal("diagnostic").optional() };
const schemas: Record<string, z.ZodType> = {
  sensor: z
    .strictObject({
      ...{ ...common, ...told },
      unit_of_measurement: z.string().min(1).optional(),
      device_class: z.enum(Object.keys(classes)).optional(),
      state_class: z.enum(["measurement", "measurement_angle", "total", "total_increasing"]).optional(),
    })
    .refine(
      ({ device_class, unit_of_measurement, state_class }) =>
        device_class === undefined ||
        (classes[device_class].units.includes(unit_of_measurement) &&
          classes[device_class].states.includes(state_class)),
    ),
  binary_sensor: z.strictObject({
    ...{ ...common, ...told },
    device_class: z.enum(["connectivity", "door"]).optional(),
    payload_on: z.string(),
    payload_off: z.string(),
  }),
  switch: z.strictObject({
    ...common,
    ...{ command_topic: topic, optimistic: z.literal(true), payload_on: z.string(), payload_off: z.string() },
  }),
  button: z.strictObject({
    ...common,
    ...{ command_topic: topic, payload_press: z.string() },
    device_class: z.enum(["identify", "restart", "update"]),
    entity_category: z.enum(["config", "diagnostic"]),
  }),
};

const board = { id: "sim-1", gateway: "", board: "PICO_R1_3", firmware: "bowline 0.1.0" };
const telemetry = { temp: 20.75, supply: 3.3, free: 3187, total: 5000, uptime: 8100, flags: [], lost: 0 };

function discovery(options: Partial<DiscoveryOptions> = {}): Discovery {
  const gateway = options.gateway ?? "gw1";
  const topics = new Topics("bowline", gateway);
  return new Discovery({ prefix: "homeassistant", fields: [], gateway, topics, mayAsk: false, ...options });
}

/** By topic, each checked. */
function checked(entities: ReadonlyMap<string, string>): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    [...entities].map(([topic, payload]) => {
      const [, component] =
        /^homeassistant\/(\w+)\/[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+\/config$/.exec(topic) ?? [];
      const said = schemas[component].parse(JSON.parse(payload)) as Record<string, unknown>;
      expect(said.default_entity_id).toBe(`${component}.${String(said.object_id)}`);
      return [topic, said];
    }),
  );
}

test("a board of the standard firmware has its values with units and classes, and its gateway", () => {
  const all = checked(discovery().board(board, { "l:telemetry": telemetry }));
  expect(Object.keys(all).map((topic) => topic.slice("homeassistant/".length))).toEqual([
    "binary_sensor/bowline__gw1__sim-1/connection/config",
    ...["free", "lost", "supply", "temp", "total", "uptime"].map(
      (field) => `sensor/bowline__gw1__sim-1/l_3Atelemetry__${field}/config`,
    ),
  ]);
  expect(all["homeassistant/sensor/bowline__gw1__sim-1/l_3Atelemetry__temp/config"]).toEqual({
    ...{ name: "Temperature", unique_id: "bowline__gw1__sim-1__l_3Atelemetry__temp", qos: 1 },
    object_id: "bowline_gw1_sim_1_temperature",
    default_entity_id: "sensor.bowline_gw1_sim_1_temperature",
    ...{ device_class: "temperature", unit_of_measurement: "°C", state_class: "measurement" },
    ...{ entity_category: "diagnostic", origin: { name: "Bowline" } },
    device: {
      ...{ identifiers: ["bowline__gw1__sim-1"], name: "sim-1", manufacturer: "Espruino" },
      ...{ model: "PICO_R1_3", sw_version: "bowline 0.1.0", via_device: "bowline__gw1" },
    },
    state_topic: "bowline/gw1/sim-1/state",
    value_template: "{{ value_json['l:telemetry']['temp'] }}",
    availability: ["bowline/gw1/status", "bowline/gw1/sim-1/availability"].map((topic) => ({
      ...{ topic, payload_available: "online", payload_not_available: "offline" },
    })),
    availability_mode: "all",
  });
  expect(all["homeassistant/binary_sensor/bowline__gw1__sim-1/connection/config"]).toMatchObject({
    ...{ device_class: "connectivity", state_topic: "bowline/gw1/sim-1/availability" },
    ...{ payload_on: "online", payload_off: "offline" },
  });
});

test("the gateway is a device of its own, that its boards are behind", () => {
  const [[topic, said]] = Object.entries(checked(discovery().gateway()));
  expect(topic).toBe("homeassistant/binary_sensor/bowline__gw1/status/config");
  expect(said).toMatchObject({
    device: { identifiers: ["bowline__gw1"], name: "gw1" },
    state_topic: "bowline/gw1/status",
  });
});

test("where boards may be asked, one of the standard firmware has its LED and its restart, another has not", () => {
  const one = discovery({ mayAsk: true });
  expect([...one.board(board, { "l:bme": { h: 1 } }).keys()].some((at) => /switch|button/.test(at))).toBe(
    false,
  );
  const all = checked(one.board(board, { "l:telemetry": telemetry }));
  const command_topic = "bowline/gw1/sim-1/request";
  expect(all["homeassistant/switch/bowline__gw1__sim-1/led/config"]).toMatchObject({
    ...{ command_topic, payload_on: '{"ot":"l:led","on":true}', payload_off: '{"ot":"l:led","on":false}' },
  });
  expect(all["homeassistant/button/bowline__gw1__sim-1/reboot/config"]).toMatchObject({
    ...{ command_topic, payload_press: '{"ot":"l:reboot"}', availability_mode: "all" },
  });
});

test("other numbers and truths have plain entities; what is configured has its words, or none", () => {
  const types = { "l:bme": { t: 20, h: 40, raw: 5, door: true, text: "x", list: [1], note: "y" } };
  const fields = [
    { enabled: true, type: "l:b*", field: "h", name: "Humidity", unit: "%", deviceClass: "humidity" },
    { enabled: false, type: "*", field: "raw" },
    { enabled: true, type: "*", field: "door", deviceClass: "door" },
    { enabled: true, type: "*", field: "note", name: "Note" },
  ];
  const all = Object.values(checked(discovery({ fields }).board(board, types)));
  expect(all.map(({ name }) => name)).toEqual(["Connection", "bme door", "Humidity", "Note", "bme t"]);
  expect(all[1]).toMatchObject({ device_class: "door", payload_on: "True", payload_off: "False" });
  expect(all[2]).toMatchObject({
    device_class: "humidity",
    unit_of_measurement: "%",
    state_class: "measurement",
  });
  expect(all[3]).not.toHaveProperty("state_class");
});

test("of what Home Assistant does not take as a measurement no statistics are asked for, unless the settings say which", () => {
  const types = { "l:meter": { total: 5, wind: 270, day: 4 } };
  const energy = { deviceClass: "energy", unit: "kWh" };
  const fields = [
    { enabled: true, type: "*", field: "total", ...energy },
    { enabled: true, type: "*", field: "wind", deviceClass: "wind_direction", unit: "°" },
    { enabled: true, type: "*", field: "day", ...energy, stateClass: "total_increasing" },
  ];
  const [, day, total, wind] = Object.values(checked(discovery({ fields }).board(board, types)));
  expect(day).toMatchObject({ device_class: "energy", state_class: "total_increasing" });
  for (const one of [total, wind]) expect(one).not.toHaveProperty("state_class");
});

test("whatever boards, types and fields are called, no two entities share a topic or an id", () => {
  const names = [..."aAä", "a_", "a.b", "a-b", "a_2Eb", "a b", ..."'\\%", "{{", "a\nb", "a\rb", "__"];
  const types = Object.fromEntries(
    names.slice(0, 8).map((type) => [type, Object.fromEntries(names.map((f) => [f, 1]))]),
  );
  const all = ["gw", "gw.", "gw__a"].flatMap((gateway) =>
    ["a", "2Ea", "a__a", "gw2/a"].flatMap((id) =>
      Object.entries(checked(discovery({ gateway }).board({ ...board, id }, types))),
    ),
  );
  expect(all.length).toBeGreaterThan(700);
  expect(new Set(all.map(([topic]) => topic)).size).toBe(all.length);
  expect(new Set(all.map(([, { unique_id }]) => unique_id)).size).toBe(all.length);
});

test("a board of countless values has as many entities as are drawn, the same whichever came last", () => {
  const values = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i]));
  const reversed = Object.fromEntries(Object.entries(values).reverse());
  const of = (types: Record<string, Record<string, unknown>>) => [...discovery().board(board, types).keys()];
  expect(of({ x: values })).toHaveLength(65);
  expect(of({ x: reversed })).toEqual(of({ x: values }));
});

test("it is made anew only when something of it has changed", () => {
  const one = discovery();
  const first = one.board(board, { x: { v: 1 } });
  expect(one.board(board, { x: { v: 2 } })).toBe(first);
  expect(one.board({ ...board, firmware: "2" }, { x: { v: 2 } })).not.toBe(first);
  expect(one.board({ ...board, firmware: "2" }, { x: { v: 2, w: 1 } }).size).toBe(first.size + 1);
});

test("a value that is missing for once keeps its entity: Home Assistant has it as unknown", () => {
  const one = discovery();
  const first = one.board(board, { "l:bme": { t: 20, door: true } });
  expect(one.board(board, { "l:bme": { t: null, door: null } })).toBe(first);
  expect(one.board(board, { "l:bme": { t: null, door: null } })).toBe(first);
  expect(one.board(board, { "l:bme": { door: null } }).size).toBe(first.size - 1);
  // Of one that was never anything else it is not known what it is.
  expect(one.board(board, { "l:bme": { door: true, x: null } }).size).toBe(first.size - 1);
});

test("of a board that has not said what it is no model is told, of one behind another gateway which", () => {
  const deviceOf = (fields: object) => {
    const all = checked(discovery().board({ ...board, board: "", firmware: "", ...fields }, {}));
    return Object.values(all)[0].device;
  };
  expect(deviceOf({})).not.toHaveProperty("model");
  expect(deviceOf({ gateway: "gw2" })).toMatchObject({ model: "behind gw2" });
  expect(deviceOf({ gateway: "gw2", board: "PICO_R1_3" })).toMatchObject({ model: "PICO_R1_3" });
});
