/** Types as a configuration lists them, one row a field, and what a registry makes of them. */
import type { LocalType } from "./registry.ts";
import type { ItemDescription, ItemKind, TypeDescription } from "./type-description.ts";

export interface FieldRow {
  name: string;
  /** Where it stands: in what the robot says by itself, in the request, in the reply. */
  of: "datum" | "request" | "reply";
  kind: ItemKind;
  unit?: string;
  meaning?: string;
  required: boolean;
  choices: readonly string[];
  min?: number;
  max?: number;
  /** `open=1`: a word for a value of it, as JSON or, where it is none, as a text. */
  words: readonly string[];
}

export interface TypeRow {
  sender: string;
  ot: string;
  meaning?: string;
  word?: string;
  /** It can be asked, also with no field at all. */
  isRequest: boolean;
  fields: readonly FieldRow[];
}

export function localTypesOf(rows: readonly TypeRow[]): LocalType[] {
  return rows.map((row) => ({ sender: row.sender, type: typeOf(row) }));
}

function typeOf({ ot, meaning = "", word, isRequest, fields }: TypeRow): TypeDescription {
  const [items, request, reply] = (["datum", "request", "reply"] as const).map((part) =>
    fields.filter((field) => field.of === part).map(itemOf),
  );
  return {
    ...{ ot, meaning },
    ...(word === undefined ? {} : { word }),
    ...(items.length === 0 ? {} : { items }),
    ...(isRequest || request.length > 0 ? { request: requiredFirst(request) } : {}),
    ...(reply.length === 0 ? {} : { reply }),
  };
}

/** As people say them: what must be there comes by its place. */
function requiredFirst(items: ItemDescription[]): ItemDescription[] {
  return [...items.filter(({ required }) => required), ...items.filter(({ required }) => !required)];
}

function itemOf({
  name,
  kind,
  unit,
  meaning = "",
  required,
  choices,
  min,
  max,
  words,
}: FieldRow): ItemDescription {
  return {
    ...{ name, kind, meaning },
    ...(required ? { required } : {}),
    ...(unit === undefined ? {} : { unit }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(choices.length === 0 ? {} : { choices }),
    ...(words.length === 0 ? {} : { words: Object.fromEntries(words.map(wordOf)) }),
  };
}

function wordOf(text: string): [string, string | number | boolean] {
  const equals = text.indexOf("=");
  const [word, value] = [text.slice(0, equals), text.slice(equals + 1)];
  if (value === "true" || value === "false") return [word, value === "true"];
  return [word, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
}
