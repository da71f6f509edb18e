/** The global dictionary of IRC-IoT in our own words: what its types are for, and which fields they have. */
import type { ItemDescription, TypeDescription } from "./type-description.ts";

const text = (name: string, meaning: string): ItemDescription => ({ name, kind: "text", meaning });
const number = (name: string, meaning: string): ItemDescription => ({ name, kind: "number", meaning });
const object = (name: string, meaning: string): ItemDescription => ({ name, kind: "object", meaning });
const type = (ot: string, meaning: string, ...items: ItemDescription[]): TypeDescription => ({
  ...{ ot, meaning, items },
});

const method = text("bm", "method of signatures: ed, rA, gT or us");
const publicKey = text("bk", "public key of signatures, hexadecimal");
const scheme = text("em", "scheme of encryption");
const cipherKey = text("ek", "public key of encryption, base64 of its DER form");
const topic = text("dt", "what is measured");

/** In families: what asks, what answers, what is told unasked. */
export const globalTypes: readonly TypeDescription[] = [
  type(
    "lookup",
    "asks where an address is (a), or for addresses (r)",
    { name: "a", kind: "any", meaning: "direct: an address, or several" },
    { name: "r", kind: "any", meaning: "reverse: what the addresses have" },
  ),
  type("search", "asks for data that are kept somewhere"),
  type(
    "answer",
    "answers a lookup or a search",
    { name: "a", kind: "any", meaning: "what was found of addresses" },
    { name: "r", kind: "any", meaning: "addresses that were found" },
  ),
  type("bchreq", "asks for a key of signatures"),
  type("bchack", "gives a key of signatures to who asked", method, publicKey),
  type("bchnfo", "publishes a key of signatures", method, publicKey),
  type("encreq", "asks for a key of encryption", scheme),
  type("encack", "gives a key of encryption to who asked", scheme, cipherKey),
  type("encnfo", "publishes a key of encryption", scheme, cipherKey),
  type("fusnfo", "tells of firmware that there is"),
  type("fusqry", "asks which firmware there is"),
  type("fusreq", "asks for firmware"),
  type("fusack", "answers a request for firmware"),
  type("fuspck", "carries a piece of firmware"),
  type("halreq", "asks what some hardware is"),
  type("halack", "tells what some hardware is"),
  type("timenfo", "tells the time"),
  type("timereq", "asks for the time"),
  type("timeack", "tells the time to who asked"),
  type("lmrnfo", "tells of a local message router"),
  type("lmrreq", "asks a local message router"),
  type("lmrack", "answers as a local message router"),
  type("lmrupd", "changes the table of a local message router"),
  type("lmradv", "announces a local message router"),
  type("gmrnfo", "tells of a global message router"),
  type("gmrupd", "changes the table of a global message router"),
  type("gmrcon", "connects global message routers", text("ver", "version of their protocol")),
  type("mainfo", "a value that was measured", number("d", "the value"), topic),
  type("maireq", "asks for a value", text("d", '"?"'), topic),
  type("maiack", "gives a value to who asked", number("d", "the value"), topic),
  type("maicmd", "sets a value", number("d", "the value")),
  type(
    "modbus01",
    "a frame of Modbus",
    { name: "ui", kind: "integer", meaning: "unit on the bus", min: 0, max: 254 },
    { name: "crc", kind: "integer", meaning: "its checksum", min: 0, max: 65_535 },
  ),
  type(
    "noocmd",
    "a command of radio switches",
    number("id", "of the transmitter"),
    number("chn", "its channel"),
    number("cmd", "number of the command"),
  ),
  type("jmapreq", "a request of mail (JMAP)"),
  type("jmapresp", "answers a request of mail (JMAP)"),
  type(
    "jmapsess",
    "a session of mail (JMAP)",
    object("capabilities", "what the server can do"),
    object("accounts", "which accounts there are"),
    object("primaryAccounts", "the account of each capability"),
    text("username", "whose session it is"),
    text("apiUrl", "where requests go"),
    text("downloadUrl", "where files come from"),
    text("uploadUrl", "where files go"),
    text("eventSourceUrl", "where changes are told"),
    text("state", "of the session"),
  ),
];
