/** Names of components, of what they ask of each other, and of who asks. */
import { createHash } from "node:crypto";

/** Longer than any that is in use; names are keys of tables that strangers fill. */
export const MAX_NAME_BYTES = 128;
const MAX_CREATOR_BYTES = 255;

const PART = /^[a-z0-9-]+$/;
const SPEC = /^[a-z0-9-]+(_[a-z0-9-]+)?$/;
const NAME = /^[a-z0-9-]+_[a-z0-9-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it finds
const CONTROL_OR_HALF = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;

/** `project_message`; technical ones (`monitoring`, `kill`, `error`) are one part alone. */
export function isSpec(text: string): boolean {
  return text.length <= MAX_NAME_BYTES && SPEC.test(text);
}

/** `project_component` */
export function isName(text: string): boolean {
  return text.length <= MAX_NAME_BYTES && NAME.test(text);
}

/** Whether a tag can carry it: free text, but for what ends a field and what no UTF-8 or line of a log can hold. */
export function isCreator(text: string): boolean {
  return (
    text !== "" &&
    !text.includes(":") &&
    !CONTROL_OR_HALF.test(text) &&
    Buffer.byteLength(text) <= MAX_CREATOR_BYTES
  );
}

/** 48 bits: nobody finds a second id that comes to the same name. */
const HASH_DIGITS = 12;
const MARKED = new RegExp(`-[0-9a-f]{${HASH_DIGITS}}$`);

/**
 * The component name of one of the gateway's own parts. An id that fits is itself; any other is spelled with what fits
 * and marked by its hash. So is one that fits and only looks marked: no two ids have one name.
 */
export function twinName(project: string, id: string): string {
  if (!PART.test(project)) throw new RangeError(`project: ${JSON.stringify(project)}; allowed a-z, 0-9, -`);
  const room = MAX_NAME_BYTES - project.length - 1;
  if (PART.test(id) && !MARKED.test(id) && id.length <= room) return `${project}_${id}`;
  const stem = id.toLowerCase().replace(/[^a-z0-9-]/g, "-");
  const hash = createHash("sha256").update(id, "utf8").digest("hex").slice(0, HASH_DIGITS);
  return `${project}_${stem.slice(0, room - HASH_DIGITS - 1)}-${hash}`;
}
