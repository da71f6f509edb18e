/** The section irc as its rules read it: whatever was written, also what is no section. */
import type { Conflict } from "./relations.ts";

export type Fields = Record<string, unknown>;

/** Nothing of it counts while it is disabled. */
export const section = (irc: unknown): Fields => {
  const fields = fieldsOf(irc);
  return fields.enabled === false ? { enabled: false } : fields;
};

export const fieldsOf = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Fields;

export const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

export const conflict = (place: string, text: string): Conflict => ({
  settings: [place],
  text: `${place}: ${text}`,
});
