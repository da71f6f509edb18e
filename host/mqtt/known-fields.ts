/** What Home Assistant is told of values: of those of the standard firmware as they are, of others as they are configured. */
import { isNamed } from "../platform/name-pattern.ts";

/** A value in Home Assistant's words; what is absent is not known. */
export interface FieldWords {
  name: string;
  unit?: string;
  deviceClass?: string;
  stateClass?: string;
  /** It tells how the board is, not what it is there for. */
  isDiagnostic?: boolean;
}

export interface FieldSettings {
  enabled: boolean;
  type: string;
  field: string;
  name?: string | undefined;
  unit?: string | undefined;
  deviceClass?: string | undefined;
  stateClass?: string | undefined;
}

/**
 * Device classes of which a value is no measurement to Home Assistant: meters, and what is no number. Which state class one
 * has the settings say; a wrong one ends its statistics, and a warning is in its log.
 */
const notMeasured = [
  ...["date", "energy", "enum", "gas", "monetary", "reactive_energy", "timestamp", "volume", "water"],
  "wind_direction",
];

const measured = { stateClass: "measurement", isDiagnostic: true };

/** l:telemetry of device/telemetry.ts. */
const telemetry: Readonly<Record<string, FieldWords>> = {
  temp: { name: "Temperature", unit: "°C", deviceClass: "temperature", ...measured },
  supply: { name: "Supply voltage", unit: "V", deviceClass: "voltage", ...measured },
  free: { name: "Free memory", unit: "blocks", ...measured },
  total: { name: "Memory", unit: "blocks", ...measured },
  uptime: { name: "Uptime", unit: "s", deviceClass: "duration", ...measured },
  lost: { name: "Messages refused", stateClass: "total_increasing", isDiagnostic: true },
};

/** null: it is to have no entity. */
export function wordsOf(
  type: string,
  field: string,
  value: unknown,
  configured: readonly FieldSettings[],
): FieldWords | null {
  const settings = configured.find((one) => isNamed([one.type], type) && one.field === field);
  const known = type === "l:telemetry" && Object.hasOwn(telemetry, field) ? telemetry[field] : undefined;
  if (settings === undefined) return known ?? plainWords(type, field, value);
  if (!settings.enabled) return null;
  const { name, unit, deviceClass, stateClass } = settings;
  const { stateClass: usual, ...words } = known ??
    plainWords(type, field, value) ?? { name: nameOf(type, field) };
  const isUsual = usual !== undefined && !notMeasured.includes(deviceClass ?? "");
  return {
    ...words,
    ...(isUsual && { stateClass: usual }),
    ...(name !== undefined && { name }),
    ...(unit !== undefined && { unit }),
    ...(deviceClass !== undefined && { deviceClass }),
    ...(stateClass !== undefined && { stateClass }),
  };
}

/** Numbers, and true and false; a text may be anything. */
function plainWords(type: string, field: string, value: unknown): FieldWords | null {
  if (typeof value === "number") return { name: nameOf(type, field), stateClass: "measurement" };
  return typeof value === "boolean" ? { name: nameOf(type, field) } : null;
}

const nameOf = (type: string, field: string) => `${type.replace(/^l:/, "")} ${field}`;
