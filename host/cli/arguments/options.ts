/** Option values that commander leaves to the program. */
import { misreadText } from "./misread.ts";

/** Gathers an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** A whole number from 0. */
export function parseCount(name: string, text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  const allowed = `whole numbers from 0 to ${Number.MAX_SAFE_INTEGER}`;
  throw misreadText(name, text, allowed);
}

/** `HOST:PORT`, `[::1]:PORT` or a PORT on this machine. */
export function parseHostPort(name: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]:|([^:[\]]+):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match && port >= 1 && port <= 65_535) return { host: match[1] ?? match[2] ?? "127.0.0.1", port };
  throw misreadText(name, text, "HOST:PORT, PORT 1 to 65535");
}
