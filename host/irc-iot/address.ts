/** Addresses of IRC-IoT: `device@place[/sub…]`, checked as the reference does on input and strictly for our own. */
import { defaultLimits } from "./limits.ts";

const SEPARATOR = "/";
/** A name of a strict address. */
const NAME = /^[A-Za-z0-9._-]*$/;

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
 * What we give out and configure: parts of `[name]["@"[name]]`, none of them empty, and in all no longer than others take. It
 * has no wildcard.
 */
export function isStrictAddress(text: string): boolean {
  if (text.length === 0 || text.length > defaultLimits.maxAddress) return false;
  return text.split(SEPARATOR).every((part) => {
    const names = part.split("@");
    return part.length > 0 && names.length <= 2 && names.every((name) => NAME.test(name));
  });
}
