/** Subjects of messages, PREFIX.GATEWAY.BOARD.TYPE, and which streams take them. */

/** Letters of a type that a subject holds: what a line of the protocol takes is bounded (4096 bytes). */
const MOST_LETTERS = 128;

/**
 * A name as one token: what NATS gives a meaning or does not take (dots, stars, spaces, …) is written as %XX, so
 * decodeURIComponent() has the name again. Of a long one the beginning stands there; an empty one is "_".
 */
export function tokenOf(name: string): string {
  const escaped = name
    .slice(0, MOST_LETTERS)
    .replace(/[^A-Za-z0-9_:/-]/gu, (letter) =>
      [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
    );
  return escaped === "" ? "_" : escaped;
}

/** `device`: as the API has it, "gw2/sim-1". */
export function subjectOf(prefix: string, gateway: string, device: string, type: string): string {
  return [prefix, tokenOf(gateway), tokenOf(device), tokenOf(type)].join(".");
}

/** All that this gateway says. */
export const filterOf = (prefix: string, gateway: string) => `${prefix}.${tokenOf(gateway)}.>`;

/** Whether a stream that takes `pattern` takes every message of `filter`, which ends with `>`: BOARD.TYPE. */
export function covers(pattern: string, filter: string): boolean {
  const wanted = [...filter.split(".").slice(0, -1), "*", "*"];
  const given = pattern.split(".");
  const isOpen = given.at(-1) === ">";
  const fixed = isOpen ? given.slice(0, -1) : given;
  if (isOpen ? wanted.length <= fixed.length : wanted.length !== fixed.length) return false;
  return fixed.every((token, i) => token === "*" || token === wanted[i]);
}
