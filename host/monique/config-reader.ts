/** A JSON file of settings, value by value; each fault has its line and column, and all are told at once. */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { isTooDeep } from "../platform/json-depth.ts";
import { suggest } from "../platform/suggest.ts";
import { quoted } from "./fault.ts";
import { findPlaces, type JsonPlaces, pathOf } from "./json-places.ts";

export type Path = readonly string[];
export type Section = Record<string, unknown>;

const MAX_PORT = 65_535;
const BOM = "\ufeff";

export class ConfigReader {
  private readonly faults: { at: number; text: string }[] = [];
  private readonly root: unknown;
  private readonly places: JsonPlaces;
  private readonly text: string;

  /** `file` is how it is called in faults. */
  constructor(
    text: string,
    private readonly file: string,
  ) {
    this.text = text.startsWith(BOM) ? text.slice(BOM.length) : text;
    if (isTooDeep(this.text)) throw this.syntaxError(0, "nested deeper than any configuration");
    const places = findPlaces(this.text);
    if (typeof places === "number") throw this.syntaxError(places, this.seenAt(places));
    this.places = places;
    this.root = JSON.parse(this.text);
    for (const at of places.repeated) this.faults.push({ at, text: "a key twice; allowed once" });
  }

  /** What stands there, whatever it is; undefined: nothing. */
  value(path: Path): unknown {
    let value: unknown = this.root;
    for (const key of path) value = isSection(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return value;
  }

  section(path: Path): Section {
    const value = this.value(path);
    if (isSection(value)) return value;
    this.fault(path, "an object");
    return {};
  }

  /** `isAllowed` and `allowed` say the same. */
  words(path: Path, allowed = "text", isAllowed = (text: string) => text !== ""): string {
    const value = this.value(path);
    if (typeof value === "string" && isAllowed(value)) return value;
    this.fault(path, allowed);
    return "";
  }

  whole(path: Path, least: number, most: number): number {
    const value = this.value(path);
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    this.fault(path, `a whole number from ${least} to ${most}`);
    return least;
  }

  port(path: Path, least = 1): number {
    return this.whole(path, least, MAX_PORT);
  }

  /** What is there beside these is told as a fault: in a section of ours nothing else means anything. */
  only(path: Path, keys: readonly string[]): void {
    for (const key of Object.keys(this.section(path)))
      if (!keys.includes(key)) this.unknownKey([...path, key], keys);
  }

  unknownKey(path: Path, keys: readonly string[]): void {
    const nearest = suggest(path.at(-1)!, keys);
    this.fault(path, keys.join(", ") + (nearest === undefined ? "" : `; did you mean ${quoted(nearest)}?`));
  }

  fault(path: Path, allowed: string): void {
    this.faultAt(path, this.value(path), allowed);
  }

  faultAt(path: Path, value: unknown, allowed: string): void {
    const seen = value === undefined ? "it is not there" : shown(value);
    this.faults.push({
      at: this.placeOf(path),
      text: `${path.map(quotedKey).join(".")}: ${seen}; allowed ${allowed}`,
    });
  }

  /** Throws what was found so far, in the order of the file. */
  throwFaults(): void {
    if (this.faults.length === 0) return;
    const lines = this.faults
      .sort((a, b) => a.at - b.at)
      .map(({ at, text }) => `reading ${this.lineOf(at)}: ${text}`);
    throw new BowlineError("MONIQUE_CONFIG", [...new Set(lines)].join("\n"), ExitCode.usage);
  }

  /** Of the value, else of what would hold it. */
  private placeOf(path: Path): number {
    for (let length = path.length; length >= 0; length--) {
      const at = this.places.values.get(pathOf(path.slice(0, length)));
      if (at !== undefined) return at;
    }
    return 0;
  }

  private lineOf(offset: number): string {
    const lines = this.text.slice(0, offset).split("\n");
    return `${this.file}:${lines.length}:${lines[lines.length - 1].length + 1}`;
  }

  private seenAt(offset: number): string {
    const [line] = /^\n|^.*/.exec(this.text.slice(offset, offset + 10)) ?? [""];
    const seen = offset < this.text.length ? quoted(line) : "its end";
    return `no JSON: ${seen}`;
  }

  private syntaxError(offset: number, text: string): BowlineError {
    return new BowlineError(
      "MONIQUE_CONFIG_SYNTAX",
      `reading ${this.lineOf(offset)}: ${text}`,
      ExitCode.usage,
    );
  }
}

/** Plain where it is a name; whatever else a key is, the fault stays one short line. */
function quotedKey(key: string): string {
  return /^[\w-]{1,128}$/.test(key) ? key : quoted(key);
}

function isSection(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isSection(value)) return "an object";
  return typeof value === "string" ? quoted(value) : String(value);
}
