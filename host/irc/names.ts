/** Names on IRC: when two are one, and which may stand in a line. */

/** The server says which (ISUPPORT CASEMAPPING): of names that differ in case alone, and in `[]\^` in some. */
export type CaseMapping = "ascii" | "rfc1459" | "strict-rfc1459" | "unicode";

export function caseMappingOf(said: unknown): CaseMapping {
  if (said === undefined) return "rfc1459"; // RFC 1459 §2.2, where nothing is said
  return said === "ascii" || said === "rfc1459" || said === "strict-rfc1459" ? said : "unicode";
}

const lastUpper: Readonly<Record<Exclude<CaseMapping, "unicode">, string>> = {
  ascii: "Z",
  "strict-rfc1459": "]",
  rfc1459: "^",
};

/** Equal for names that are one. */
export function foldName(name: string, mapping: CaseMapping): string {
  if (mapping === "unicode") return name.toLowerCase();
  const last = lastUpper[mapping];
  let folded = "";
  for (const letter of name) {
    const isUpper = letter >= "A" && letter <= last;
    folded += isUpper ? String.fromCharCode(letter.charCodeAt(0) + 32) : letter;
  }
  return folded;
}

/** What would end a name, a parameter or the line, or begin something else. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not pass
const breaksName = /[\x00-\x20\x7f,]/;
const notFirst = ":#&+!$@~%";

export function isNick(name: string): boolean {
  return name !== "" && !breaksName.test(name) && !/[!@*?]/.test(name) && !notFirst.includes(name[0]);
}

/** `types`: with what names of channels begin (ISUPPORT CHANTYPES). */
export function isChannelName(name: string, types = "#&"): boolean {
  return name.length > 1 && types.includes(name[0]) && !breaksName.test(name) && !name.includes(":");
}

/** What a line may hold between its parameters: no end of line, and nothing that a server would take for one. */
export function isOneLine(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not pass
  return !/[\x00\r\n]/.test(text);
}
