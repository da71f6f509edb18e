/** Fields of the hex blocks of PROTOCOL.md, as the tests of it read them. */
import type { Section } from "./protocol-document.ts";
import { bytesOf, hexOf } from "./side.ts";

export const unescaped = (hex: string) => hexOf(unescapedBytes(bytesOf(hex)));

export const annotated = (section: Section, name: string) =>
  section.fields.find((field) => field.name === name)?.value;

export function unescapedBytes(bytes: Uint8Array): Uint8Array {
  const latin = Buffer.from(bytes).toString("latin1");
  return Buffer.from(latin.replaceAll("\xdb\xdc", "\xc0").replaceAll("\xdb\xdd", "\xdb"), "latin1");
}
