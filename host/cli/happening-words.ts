/** A happening as a person reads it: whom it is about, and what belongs to it behind the text. */
import { typedMend } from "../platform/errors.ts";
import type { Happening, Subject } from "../timeline/happening.ts";
import { formatJson, printable } from "./display.ts";

/** `board sim-1`, `store` */
export function formatSubject({ kind, name }: Subject): string {
  const own = kind === "bowline" && name === "" ? "gateway" : kind;
  return name === "" ? own : `${own} ${printable(name)}`;
}

/** `session resumed via tcp 127.0.0.1:50123 (sentAgain 2, repeats 3)` */
export function formatHappening({ text, fields = {}, mend }: Happening): string {
  const { via, code, times, seconds, ...rest } = fields;
  const by = typeof via === "string" ? ` via ${printable(via)}` : "";
  const why = typeof code === "string" && !text.includes(code) ? `: ${printable(code)}` : "";
  const shown = Object.entries(rest).map(([name, value]) => `${name} ${show(value)}`);
  const more = shown.length === 0 ? "" : ` (${shown.join(", ")})`;
  const repeats = typeof times === "number" && times > 1 ? ` ×${times} in ${seconds} s` : "";
  const how = mend === undefined ? "" : ` (mend: ${printable(typedMend(mend))})`;
  return `${printable(text)}${by}${why}${more}${repeats}${how}`;
}

const show = (value: unknown) => (typeof value === "string" ? printable(value) : formatJson(value));
