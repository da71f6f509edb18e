/** How a Datum differs from its description. Nothing is refused for it, least of all what nobody has described. */
import type { Datum } from "./datum.ts";
import { parseDatumTime } from "./datum-time.ts";
import type { Registry } from "./registry.ts";
import type { ItemDescription } from "./type-description.ts";

export interface Difference {
  field: string;
  /** What was seen, and what the description says. */
  reason: string;
}

/** Empty: it fits, or there is no description of it. Fields that are not described are the sender's own business. */
export function validate(datum: Datum, registry: Registry): Difference[] {
  const described = registry.describeDatum(datum);
  if (described === undefined || datum.err !== undefined) return [];
  const { type, role } = described;
  const items = role === "reply" ? type.reply : role === "request" ? type.request : type.items;
  return (items ?? []).flatMap((item) => differencesOf(item, datum));
}

function differencesOf(item: ItemDescription, datum: Datum): Difference[] {
  const { name, choices, words = {}, min, max } = item;
  const differs = (reason: string): Difference[] => [{ field: name, reason }];
  if (!Object.hasOwn(datum, name)) return item.required ? differs("is missing") : [];
  const value = datum[name];
  // A sensor that is not there sends null.
  if (value === null || Object.values(words).includes(value as string)) return [];
  if (!isOfKind(item, value)) return differs(`is ${kindOf(value)}, not ${item.kind}`);
  if (choices !== undefined && !choices.includes(String(value)))
    return differs(`is ${JSON.stringify(value)}, not ${choices.join(", ")}`);
  if (typeof value !== "number") return [];
  if (min !== undefined && value < min) return differs(`is ${value}, below ${min}`);
  return max !== undefined && value > max ? differs(`is ${value}, above ${max}`) : [];
}

function isOfKind({ kind }: ItemDescription, value: unknown): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
    case "duration":
      return typeof value === "number";
    case "integer":
      return Number.isSafeInteger(value);
    case "flag":
      return typeof value === "boolean";
    case "level":
      return typeof value === "boolean" || typeof value === "number";
    case "time":
      return parseDatumTime(value) !== undefined;
    case "list":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && !Array.isArray(value);
    default:
      return true;
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
