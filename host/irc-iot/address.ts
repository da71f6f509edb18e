/** Addresses of IRC-IoT: `device@place[/sub…]`, checked as the reference does on input and strictly for our own. */
import { defaultLimits } from "./limits.ts";

const SEPARATOR = "/";
/** A name of a strict address. */
const NAME = /^[A-Za-z0-9._-]*$/;
/** A name of a route's pattern, in which `*` stands for any run of a name's characters, also none. */
const PATTERN_NAME = /^[A-Za-z0-9._*-]*$/;

/**
 * Whether the reference (PyIRCIoT) takes it: a part without `@` is not looked at, one with `@` has exactly one of them and
 * `[A-Za-z0-9._-]*` at both sides. "" is everybody.
 */
export function isAddress(text: string): boolean {
  for (const part of text.split(SEPARATOR)) {
    if (!part.includes("@")) continue;
    const names = part.split("@");
    if (names.length !== 2 || !names.every((name) => NAME.test(name))) return false;
  }
  return true;
}

/**
 * What we give out and configure: parts of `[name]["@"[name]]`, none of them empty, at most `maxChars` in all. It has no
 * wildcard.
 */
export function isStrictAddress(text: string, maxChars = defaultLimits.maxAddress): boolean {
  return isWellFormed(text, maxChars, NAME);
}

/** Whether `text` is a strict address that may have `*` in its names: for routes alone. */
export function isAddressPattern(text: string, maxChars = defaultLimits.maxAddress): boolean {
  return isWellFormed(text, maxChars, PATTERN_NAME);
}

function isWellFormed(text: string, maxChars: number, name: RegExp): boolean {
  if (text.length === 0 || text.length > maxChars) return false;
  return text.split(SEPARATOR).every((part) => {
    const names = part.split("@");
    return part.length > 0 && names.length <= 2 && names.every((one) => name.test(one));
  });
}

/** Whether an address is among those that a route's pattern means. `*` never reaches over `@` or `/`. */
export function matchesAddress(pattern: string, address: string): boolean {
  const wanted = pattern.split(SEPARATOR);
  const parts = address.split(SEPARATOR);
  return wanted.length === parts.length && wanted.every((part, i) => matchesPart(part, parts[i]));
}

function matchesPart(pattern: string, part: string): boolean {
  const wanted = pattern.split("@");
  const names = part.split("@");
  return wanted.length === names.length && wanted.every((one, i) => matchesName(one, names[i]));
}

/** Goes back to the last star alone: no pattern makes it slower than length times length. */
function matchesName(pattern: string, name: string): boolean {
  let [at, i, star, resumeAt] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[i] === "*") {
      star = i++;
      resumeAt = at;
    } else if (pattern[i] === name[at]) {
      i++;
      at++;
    } else if (star >= 0) {
      i = star + 1;
      at = ++resumeAt;
    } else return false;
  }
  while (pattern[i] === "*") i++;
  return i === pattern.length;
}
