/**
 * Values as the board's console shows them: `{ a: 1, b: 2 }` on a line while they are simple, at most four fields of them,
 * and a line each for strings, functions, arrays and objects. Measured on 2v29; lines end with \n.
 */
import { types } from "node:util";
import { quoteBytes } from "./byte-literal.ts";

export interface PrintStyle {
  /** As the prompt shows a result: long arrays and strings cut in the middle, keys without quotes, bodies left out. */
  isResult: boolean;
}

const MANY_ITEMS = 15;
const ITEMS_SHOWN = 5;
const LONG_STRING = 60;
const STRING_SHOWN = 27;
const FIELDS_ON_LINE = 4;
const CUT = " ... ";
/** Digits behind the point. */
const DIGITS = 11;

/** As print() does: strings as they are. */
export function printed(value: unknown): string {
  return typeof value === "string" ? value : shown(value, { isResult: false });
}

export function shown(value: unknown, style: PrintStyle): string {
  return new Printer(style).show(value, 0);
}

class Printer {
  private readonly outer = new Set<object>();

  constructor(private readonly style: PrintStyle) {}

  show(value: unknown, depth: number): string {
    if (typeof value === "string") return this.quote(value);
    if (typeof value === "number") return formatNumber(value);
    if (typeof value === "function") return this.formatFunction(value);
    if (typeof value !== "object" || value === null) return String(value);
    if (this.outer.has(value)) return CUT;
    this.outer.add(value);
    const text = this.showObject(value, depth);
    this.outer.delete(value);
    return text;
  }

  private showObject(value: object, depth: number): string {
    if (Array.isArray(value)) return this.showArray(value, depth);
    if (types.isTypedArray(value)) return this.showBytes(value, value.constructor?.name ?? "Uint8Array");
    if (types.isAnyArrayBuffer(value)) return this.showBytes(new Uint8Array(value), "ArrayBuffer");
    const name = nameOf(value);
    if (types.isNativeError(value)) return `${name}${value}`;
    if (types.isDate(value)) return `Date: ${value.toString().replace(/ \(.*/, "")}`;
    if (Object.hasOwn(value, "toString")) return String(value);
    const fields = Object.entries(value).map(([key, field]) => ({
      text: `${this.key(key)}: ${this.show(field, depth + 1)}`,
      isLong: isLong(field),
    }));
    return `${name}{ ${layOut(fields, depth, FIELDS_ON_LINE)} }`;
  }

  private showArray(items: readonly unknown[], depth: number): string {
    const isCut = this.style.isResult && items.length > MANY_ITEMS;
    const kept = isCut ? [...items.slice(0, ITEMS_SHOWN), ...items.slice(-ITEMS_SHOWN)] : [...items];
    const shownItems = kept.map((item, at) => ({
      text: (isCut && at === ITEMS_SHOWN ? CUT : "") + this.show(item, depth + 1),
      isLong: isLong(item),
    }));
    return `[ ${layOut(shownItems, depth, Number.POSITIVE_INFINITY)} ]`;
  }

  private showBytes(view: ArrayLike<number | bigint>, name: string): string {
    const items = Array.from(view);
    if (items.every((item) => Number(item) === 0)) return `new ${name}(${items.length})`;
    const isCut = this.style.isResult && items.length > MANY_ITEMS;
    const text = isCut
      ? `${items.slice(0, ITEMS_SHOWN).join(", ")}, ${CUT}${items.slice(-ITEMS_SHOWN).join(", ")}`
      : items.join(", ");
    return name === "ArrayBuffer" ? `new Uint8Array([${text}]).buffer` : `new ${name}([${text}])`;
  }

  private quote(text: string): string {
    if (!this.style.isResult || text.length <= LONG_STRING) return quoteBytes(text);
    return quoteBytes(text.slice(0, STRING_SHOWN)) + CUT + quoteBytes(text.slice(-STRING_SHOWN));
  }

  private key(name: string): string {
    return this.style.isResult && /^(?:[A-Za-z_$][\w$]*|\d+)$/.test(name) ? name : quoteBytes(name);
  }

  /** A function of ours is one of the board's own. */
  private formatFunction(value: object): string {
    if (value instanceof Function || types.isProxy(value)) return "function () { [native code] }";
    const text = Function.prototype.toString.call(value);
    if (/\{\s*\[native code\]\s*\}$/.test(text)) return "function () { [native code] }";
    const [, list = "", one = ""] = /^(?:function\b[^(]*|[\w$]*)\(([^)]*)\)|^([\w$]+)\s*=>/.exec(text) ?? [];
    const body = /^class\b/.test(text) ? text : text.replace(/^[\s\S]*?(=>|\))\s*/, "").replace(/^=>\s*/, "");
    const head = `function (${(list || one).replace(/\s+/g, "")}) `;
    if (body === "{}") return `${head}{}`;
    return head + (this.style.isResult ? `{${CUT}}` : body.startsWith("{") ? body : `{return ${body}}`);
  }
}

interface Item {
  text: string;
  /** Strings, functions, arrays and objects. */
  isLong: boolean;
}

/** Items with a comma between; one that is long has a line of its own, and `onLine` short ones share one. */
function layOut(items: readonly Item[], depth: number, onLine: number): string {
  let text = "";
  let sinceBreak = 0;
  let wasLong = false;
  for (const [at, item] of items.entries()) {
    if (at > 0) text += ", ";
    if (item.isLong || wasLong || ++sinceBreak > onLine) {
      text += newLine(depth + 1);
      sinceBreak = 0;
    }
    text += item.text;
    wasLong = item.isLong;
  }
  return wasLong ? text + newLine(depth) : text;
}

function newLine(depth: number): string {
  return `\n${"  ".repeat(depth)}`;
}

function isLong(value: unknown): boolean {
  return !(value === undefined || value === null || typeof value === "number" || typeof value === "boolean");
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return value === 0 ? "0" : String(value);
  return String(Math.abs(value) < 1e-5 ? value : Number(value.toFixed(DIGITS)));
}

/** "A: " for an instance of a class of the program. */
function nameOf(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? `${name}: ` : "";
}
