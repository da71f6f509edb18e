/** The JSON of a packet, member by member (session part 4). */
import type { FieldWriter } from "./field.ts";
import { plainText } from "./plain-bytes.ts";

const [QUOTE, BACKSLASH, COMMA, COLON] = [...'"\\,:'].map((c) => c.charCodeAt(0));
const opening = new Set([..."{["].map((c) => c.charCodeAt(0)));
const closing = new Set([..."}]"].map((c) => c.charCodeAt(0)));

/** What members of a message mean, whoever wrote the program. */
const meanings: Readonly<Record<string, string>> = {
  ot: "the type of the message",
  t: "when it was made, ms since 1970",
  rq: "a request, and its number",
  re: "the reply to the request of this number",
  err: "what went wrong",
  kill: "the request of this number is no longer wanted",
  hello: "who speaks, where its numbers stand, and what it has room for",
  proof: "shows that its sender has the key, and does not tell it",
};

/** `json` is what the writer has not named yet; a byte that is no JSON makes all of it one field. */
export function addJsonFields(writer: FieldWriter, json: Uint8Array): void {
  const cuts = membersOf(json);
  if (cuts === null) return writer.add(json.length, "json", "JSON that cannot be read");
  writer.add(1, "{", "a message in JSON begins");
  let at = 1;
  for (const { end, colon } of cuts) {
    const name = nameOf(json, at, colon);
    writer.add(end - at, name, meanings[name] ?? "of the message's own");
    at = end;
  }
  writer.add(json.length - at, "}", "the message ends");
}

interface Member {
  colon: number;
  /** Behind its comma. */
  end: number;
}

/** The members of the outer object; null when it is not one that ends where the bytes do. */
function membersOf(json: Uint8Array): Member[] | null {
  const members: Member[] = [];
  let depth = 0;
  let inString = false;
  let colon = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (opening.has(byte)) depth++;
    else if (closing.has(byte)) {
      if (--depth > 0) continue;
      if (colon > 0) members.push({ colon, end: at });
      return depth === 0 && at === json.length - 1 ? members : null;
    } else if (depth === 1 && byte === COLON && colon === 0) colon = at;
    else if (depth === 1 && byte === COMMA) {
      if (colon === 0) return null;
      members.push({ colon, end: at + 1 });
      colon = 0;
    }
  }
  return null;
}

function nameOf(json: Uint8Array, start: number, colon: number): string {
  const text = plainText.utf8(json, start, colon).trim();
  return text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
