/** What fuzzing begins with: bytes that mean something, from the vectors and from conversations. */
import vectors from "../../shared/vectors/session.json" with { type: "json" };

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** The session id of the vectors. */
export const KNOWN_ID = bytesOf("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
const ID = Buffer.from(KNOWN_ID).toString("hex");

const vectorBytes = [...vectors.messages, ...vectors.malformed].map(({ hex }) => bytesOf(hex));

export const goodRequests: readonly Uint8Array[] = [
  ...[
    "0100",
    `0110${ID}`,
    `01f110${ID}`,
    "01fa000000",
    "0200",
    `0120${ID}${ID}`,
    "0121",
    "01ff0020000000000000",
  ].map(bytesOf),
  ...vectorBytes.filter(({ length }) => length < 40),
];

/** A server's answer and state, a client's state, packets and sync packets, in short and in long forms. */
export const goodSessions: readonly Uint8Array[] = [
  ...[
    `0010${ID}0014f909983c`,
    `0010${ID}`,
    "000014f909983c",
    "0014f90998ff",
    "00",
    "02",
    "01",
    "0f",
    "10",
    "fa00000f",
    "0161",
    "0562636465660001",
    "02616200030161",
    "0000",
    "00c8",
    "00ff",
    "00fe",
    "fa00000001",
    "fb0000000561626364650003",
    `f13c${"61".repeat(300)}`,
    `f13b${"62".repeat(299)}`,
    "f13d",
    "ff00200000000000",
  ].map(bytesOf),
  ...vectorBytes.filter(({ length }) => length < 40),
];
