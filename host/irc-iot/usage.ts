/** How a request is typed, for people: its form, and one that works. */
import { commandWord, type ItemDescription, type TypeDescription } from "./type-description.ts";
import { sayValue } from "./values.ts";

/** The board of examples. */
export const EXAMPLE_BOARD = "sim-1";

/** How it is typed: `led BOARD on|off`. */
export function usageOf(type: TypeDescription): string {
  const items = (type.request ?? []).map((item) => (item.required ? slotOf(item) : `[${slotOf(item)}]`));
  return [commandWord(type), "BOARD", ...items].join(" ");
}

/** One that works: `led sim-1 on`. */
export function exampleOf(type: TypeDescription, device = EXAMPLE_BOARD): string {
  const items = (type.request ?? []).filter(({ required }) => required);
  return [commandWord(type), device, ...items.map(exampleWord)].join(" ");
}

/** Words of its values, and the texts that are allowed. */
export function ownWords({ words = {}, choices = [] }: ItemDescription): string[] {
  return [...Object.keys(words), ...choices];
}

function slotOf(item: ItemDescription): string {
  const { name, kind, choices } = item;
  const names = ownWords(item);
  const isOnlyWords = choices !== undefined || (kind === "flag" && names.length > 0);
  return (isOnlyWords ? names : [...names, name.toUpperCase()]).join("|");
}

/** A word that the item takes. */
function exampleWord(item: ItemDescription): string {
  const {
    words = {},
    choices = [],
    kind,
    min = Number.NEGATIVE_INFINITY,
    max = Number.POSITIVE_INFINITY,
  } = item;
  const within = (sample: number) => Math.min(max, Math.max(min, sample));
  const samples: Record<ItemDescription["kind"], unknown> = {
    ...{ text: choices[0] ?? "B3", number: within(1), integer: within(1), flag: true, level: within(1) },
    ...{ duration: within(30), time: "2026-01-02T03:04:05Z", list: [1], object: {}, any: 1 },
  };
  return Object.keys(words)[0] ?? sayValue(item, samples[kind]) ?? "1";
}
