/**
 * Boards as Home Assistant's MQTT discovery has them: a topic for each entity, and what it says.
 *
 *   PREFIX/COMPONENT/NODE/OBJECT/config      https://www.home-assistant.io/integrations/mqtt
 */
import type { Values } from "./board-states.ts";
import { type FieldSettings, type FieldWords, wordsOf } from "./known-fields.ts";
import type { Topics } from "./topics.ts";

export interface DiscoveredBoard {
  id: string;
  /** The one it is behind; "": this one. */
  gateway: string;
  /** Kind of board and firmware, as its hello says; "": not known. */
  board: string;
  firmware: string;
}

export interface DiscoveryOptions {
  prefix: string;
  fields: readonly FieldSettings[];
  gateway: string;
  topics: Topics;
  /** Boards may be asked over the broker. */
  mayAsk: boolean;
}

/** Values of a board that have entities; Home Assistant draws each. */
const MOST_FIELDS = 64;
const NAME = "Bowline";
/** Sent by boards of the standard firmware, and by no others. */
const STANDARD = "l:telemetry";

type Entities = ReadonlyMap<string, string>;

/** What is said of an entity. */
interface Said {
  /** What its id in Home Assistant is made of. */
  object_id: string;
  [option: string]: unknown;
}

export class Discovery {
  /** By board, with what they were made of. */
  private readonly made = new Map<string, { of: string; entities: Entities; fields: readonly Field[] }>();

  constructor(private readonly options: DiscoveryOptions) {}

  /** This gateway as a device, which its boards are behind. */
  gateway(): Entities {
    const { gateway, topics } = this.options;
    const device = { identifiers: [this.node()], name: gateway, manufacturer: NAME, model: "Gateway" };
    const connection = { ...this.connection(this.node(), topics.status, []), device };
    return new Map([this.entry("binary_sensor", this.node(), "status", connection)]);
  }

  /** A board's entities: whether it is there, and its values. The same object while nothing of it has changed. */
  board(board: DiscoveredBoard, types: Readonly<Record<string, Values>>): Entities {
    const fields = fieldsOf(types, this.made.get(board.id)?.fields ?? []);
    const shape = fields.map(({ type, field, value }) => [type, field, typeof value]);
    const of = JSON.stringify([board.gateway, board.board, board.firmware, shape]);
    const known = this.made.get(board.id);
    if (known?.of === of) return known.entities;
    const entities = this.make(board, types, fields);
    this.made.set(board.id, { of, entities, fields });
    return entities;
  }

  forget(board: string): void {
    this.made.delete(board);
  }

  private make(board: DiscoveredBoard, types: object, fields: readonly Field[]): Entities {
    const { topics, fields: configured } = this.options;
    const node = this.node(board.id);
    const device = this.device(node, board);
    const [status, availability] = [{ topic: topics.status }, { topic: topics.availability(board.id) }];
    const connection = { ...this.connection(node, availability.topic, [status]), device };
    const entries = [this.entry("binary_sensor", node, "connection", connection)];
    if (this.options.mayAsk && Object.hasOwn(types, STANDARD))
      entries.push(...this.controls(board.id, node, { device, ...availabilityOf([status, availability]) }));
    for (const one of fields) {
      const words = wordsOf(one.type, one.field, one.value, configured);
      if (words === null) continue;
      const object = `${safe(one.type)}__${safe(one.field)}`;
      const isSwitch = typeof one.value === "boolean";
      const said = {
        ...this.common(node, object, words),
        ...{ device, state_topic: topics.state(board.id), value_template: templateOf(one) },
        // Of true and false Home Assistant's templates make words of their own.
        ...(isSwitch && { payload_on: "True", payload_off: "False" }),
        ...(words.unit !== undefined && !isSwitch && { unit_of_measurement: words.unit }),
        ...(words.stateClass !== undefined && !isSwitch && { state_class: words.stateClass }),
        ...availabilityOf([status, availability]),
      };
      entries.push(this.entry(isSwitch ? "binary_sensor" : "sensor", node, object, said));
    }
    return new Map(entries);
  }

  /** What every board of the standard firmware does. Each press is a request of its own: it has no key. */
  private controls(board: string, node: string, common: object): [string, string][] {
    const command_topic = this.options.topics.request(board);
    const led = {
      ...this.common(node, "led", { name: "LED" }),
      ...{ command_topic, payload_on: '{"ot":"l:led","on":true}', payload_off: '{"ot":"l:led","on":false}' },
      // The firmware does not tell whether it is on.
      optimistic: true,
    };
    const reboot = {
      ...this.common(node, "reboot", { name: "Restart", deviceClass: "restart" }),
      ...{ command_topic, payload_press: '{"ot":"l:reboot"}', entity_category: "config" },
    };
    return [
      this.entry("switch", node, "led", { ...led, ...common }),
      this.entry("button", node, "reboot", { ...reboot, ...common }),
    ];
  }

  private device(node: string, { id, gateway, board, firmware }: DiscoveredBoard): object {
    return {
      ...{ identifiers: [node], name: id, manufacturer: "Espruino", via_device: this.node() },
      ...(board !== "" && { model: board }),
      ...(firmware !== "" && { sw_version: firmware }),
      ...(board === "" && gateway !== "" && { model: `behind ${gateway}` }),
    };
  }

  /** Whether it is there, as `topic` says. */
  private connection(node: string, topic: string, availability: readonly { topic: string }[]): Said {
    const words = { name: "Connection", deviceClass: "connectivity", isDiagnostic: true };
    return {
      ...this.common(node, "connection", words),
      ...{ state_topic: topic, payload_on: "online", payload_off: "offline" },
      ...availabilityOf(availability),
    };
  }

  private common(node: string, object: string, { name, deviceClass, isDiagnostic }: FieldWords): Said {
    return {
      ...{ name, unique_id: `${node}__${object}`, qos: 1 },
      // Up to Home Assistant 2025.9; later ones have default_entity_id, and pass over what they do not know.
      object_id: slug(`${node} ${name}`),
      ...(deviceClass !== undefined && { device_class: deviceClass }),
      ...(isDiagnostic && { entity_category: "diagnostic" }),
      origin: { name: NAME },
    };
  }

  private entry(component: string, node: string, object: string, said: Said): [string, string] {
    const all = { ...said, default_entity_id: `${component}.${said.object_id}` };
    return [`${this.options.prefix}/${component}/${node}/${object}/config`, JSON.stringify(all)];
  }

  private node(board?: string): string {
    const gateway = `bowline__${safe(this.options.gateway)}`;
    return board === undefined ? gateway : `${gateway}__${safe(board)}`;
  }
}

interface Field {
  type: string;
  field: string;
  value: unknown;
}

/** `before`: null is what JSON makes of a number that is none, so a field that has it is still of the kind that it was. */
function fieldsOf(types: Readonly<Record<string, Values>>, before: readonly Field[]): Field[] {
  const last = (type: string, field: string) =>
    before.find((one) => one.type === type && one.field === field);
  const all = Object.entries(types).flatMap(([type, values]) =>
    Object.entries(values).map(([field, value]) => ({
      type,
      field,
      value: value ?? last(type, field)?.value,
    })),
  );
  // In one order whichever came last, so that the bound leaves out the same ones.
  const byName = (a: Field, b: Field) => (a.type + a.field < b.type + b.field ? -1 : 1);
  return all
    .filter(({ field }) => field.length <= 64)
    .sort(byName)
    .slice(0, MOST_FIELDS);
}

/** Letters, digits, dash and _XX: what Home Assistant takes in a topic, and no two names are the same. */
function safe(name: string): string {
  const hex = (byte: number) => `_${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return name.replace(/[^A-Za-z0-9-]/gu, (letter) => [...Buffer.from(letter)].map(hex).join(""));
}

/** Part of an entity's id, as people read it. */
const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/_[0-9a-f]{2}|[^a-z0-9]+/g, "_")
    .replace(/_+/g, "_")
    .replace(/^_|_$/g, "");

const templateOf = ({ type, field }: Field) => `{{ value_json[${quoted(type)}][${quoted(field)}] }}`;

/** A text of Jinja, which makes a line feed of every end of a line that is not escaped. */
const quoted = (text: string) =>
  `'${text.replace(/[\\']/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r")}'`;

function availabilityOf(availability: readonly { topic: string }[]): object {
  if (availability.length === 0) return {};
  const words = { payload_available: "online", payload_not_available: "offline" };
  return { availability: availability.map(({ topic }) => ({ topic, ...words })), availability_mode: "all" };
}
