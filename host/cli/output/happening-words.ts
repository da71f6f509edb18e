/** A happening as a person reads it: whom it is about, and what belongs to it behind the text. */
import { typedMend } from "../../platform/errors.ts";
import { type Happening, kindWord, type Subject } from "../../timeline/happening.ts";
import { formatJson, printable } from "./display.ts";

/** `board sim-1`, `store` */
export function formatSubject(subject: Subject): string {
  const { name } = subject;
  return name === "" ? kindWord(subject) : `${kindWord(subject)} ${printable(name)}`;
}

/** `disconnected via tcp 127.0.0.1:50123: closed by the other side`, `session resumed via tcp 127.0.0.1:50123 (sentAgain 2, repeats 3)` */
export function formatHappening({ text, fields = {}, mend }: Happening): string {
  const { via, code, why: reason, times, seconds, ...rest } = fields;
  const by = typeof via === "string" ? ` via ${printable(via)}` : "";
  const causes = [code, reason].filter((cause) => typeof cause === "string" && !text.includes(cause));
  const why = causes.map((cause) => `: ${printable(cause as string)}`).join("");
  const shown = Object.entries(rest).map(([name, value]) => `${name} ${show(value)}`);
  const more = shown.length === 0 ? "" : ` (${shown.join(", ")})`;
  const repeats = typeof times === "number" && times > 1 ? ` ×${times} in ${seconds} s` : "";
  const how = mend === undefined ? "" : ` (mend: ${printable(typedMend(mend))})`;
  return `${printable(text)}${by}${why}${more}${repeats}${how}`;
}

const show = (value: unknown) => (typeof value === "string" ? printable(value) : formatJson(value));
