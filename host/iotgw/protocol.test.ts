/** Section 10 of PROTOCOL.md against the code: every byte is read and written by it, every table compared. */
import { describe, expect, test } from "vitest";
import {
  type Field,
  hexBlock,
  quotedIn,
  type Section,
  tableRows,
} from "../../shared/testing/protocol-document.ts";
import { decodeAcknowledgement, encodeAcknowledgement } from "./acknowledgement.ts";
import * as commands from "./commands.ts";
import { commandName } from "./commands.ts";
import { decodeCredit, encodeCredit } from "./credit.ts";
import { encodeFrame } from "./encode-frame.ts";
import { decodeCancel, decodeNak, encodeCancel, encodeNak } from "./ending.ts";
import { headSize } from "./frame.ts";
import { FrameFault } from "./frame-fault.ts";
import {
  decodeBareIntroduction,
  decodeIntroduction,
  encodeBareIntroduction,
  encodeIntroduction,
} from "./introduce.ts";
import { encodeNumbered } from "./numbered.ts";
import { EPOCH_BYTES, originEpoch } from "./origin-epoch.ts";
import { decodeProof } from "./proof-body.ts";
import { decodeRoutes, encodeRoutes } from "./routes.ts";
import { bytesOf, decoded, fieldsOf, hexOf } from "./testing/frames.ts";
import * as errors from "./wire-error.ts";

const membersOf = (module: object, name: string) =>
  Object.entries((module as Record<string, Record<string, unknown>>)[name]).filter(
    (member): member is [string, number] => typeof member[1] === "number",
  );

/** What the bytes of a field say, in the form its annotation has. */
function meaningOf({ hex, value }: Field): string {
  const bytes = Buffer.from(bytesOf(hex));
  if (value.startsWith('"')) return JSON.stringify(bytes.toString("latin1"));
  return String(BigInt(`0x${hexOf(bytes.reverse())}`));
}

const frames = hexBlock("iotgw");
const bodies = hexBlock("bodies");

describe("hex blocks", () => {
  const told = [...frames, ...bodies].flatMap(({ fields }) => fields).filter(({ value }) => value !== "");
  test.each(told)("$hex is $name $value", (field) => {
    expect(meaningOf(field)).toBe(field.value);
  });
});

/** All fields of a frame that have one value, parts and all, by their names. */
function flat(hex: string): Record<string, unknown> {
  const view = decoded(bytesOf(hex));
  const { msgId, route, qos, ref, frag, ...fixed } = fieldsOf(view);
  return { ...fixed, ...msgId, ...route, ...qos, ...ref, ...frag };
}

describe("frames (10.1)", () => {
  test.each(frames)("$title: read and written by the code", ({ hex, title }) => {
    const view = decoded(bytesOf(hex));
    expect(hexOf(encodeFrame(fieldsOf(view), view.body))).toBe(hex);
    expect(title.startsWith(commandName(view.cmd))).toBe(true);
    if (view.msgId === undefined || view.frag !== undefined) return;
    const content = view.body.subarray(EPOCH_BYTES);
    expect(hexOf(encodeNumbered(fieldsOf(view), originEpoch(view) as bigint, content))).toBe(hex);
  });

  test.each(frames)("$title: its fields are what the lines say", ({ hex, fields }) => {
    const read = flat(hex);
    const named = fields.filter(({ name, value }) => name in read && value !== "");
    expect(named.length).toBeGreaterThan(1);
    for (const { name, value } of named) expect(String(read[name]), name).toBe(value);
  });

  test.each(frames.filter(({ title }) => title.startsWith("INTRODUCE")))(
    "$title: its body",
    ({ hex, fields }) => {
      const { body } = decoded(bytesOf(hex));
      const said = decodeBareIntroduction(body, 0, body.length);
      if (said instanceof FrameFault) throw new Error(said.text);
      expect(hexOf(encodeBareIntroduction(said))).toBe(hexOf(body));
      expect(String(said.hostId)).toBe(fields.find(({ name }) => name === "hostId")?.value);
    },
  );

  test("the table of parts has their sizes, and the sizes of their fields", () => {
    const rows = tableRows("bit", "part").filter(([, name]) => name !== "");
    expect(rows.map(([, name]) => name)).toEqual(["MSGID", "ROUTE", "QOS", "REF", "FRAG", "CRC"]);
    rows.forEach(([bit, , size, layout], i) => {
      expect(Number(bit)).toBe(i);
      expect(headSize(1 << i)).toBe(16 + Number(size));
      const sizes = [...quotedIn(layout)[0].matchAll(/:(\d)/g)].map(([, bytes]) => Number(bytes));
      expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(Number(size));
    });
  });
});

describe("commands and bodies (10.3)", () => {
  type Codec = (bytes: Uint8Array) => Uint8Array | FrameFault;
  const codec =
    <T>(
      decode: (bytes: Uint8Array, start: number, end: number) => T | FrameFault,
      encode: (body: T) => Uint8Array,
    ): Codec =>
    (bytes) => {
      const body = decode(bytes, 0, bytes.length);
      return body instanceof FrameFault ? body : encode(body);
    };
  const codecs: Record<string, Codec> = {
    "INTRODUCE 1": codec(decodeIntroduction, encodeIntroduction),
    ACK: codec(decodeAcknowledgement, encodeAcknowledgement),
    NAK: codec(decodeNak, encodeNak),
    CREDIT: codec(decodeCredit, encodeCredit),
    CANCEL: codec(decodeCancel, encodeCancel),
    ROUTES: codec(decodeRoutes, encodeRoutes),
    PROVE: codec(decodeProof, (proof) => proof),
  };
  const nameOf = ({ title }: Section) => title.split(",")[0];

  test.each(bodies)("$title: read and written by the code", (section) => {
    const again = codecs[nameOf(section)](bytesOf(section.hex));
    expect(again instanceof FrameFault ? again.text : hexOf(again)).toBe(section.hex);
  });

  test("each has its example, and in its order the fields that the table names", () => {
    expect(bodies.map(nameOf)).toEqual(Object.keys(codecs));
    const rows = tableRows("cmd", "command");
    for (const section of bodies.slice(1)) {
      const [, , , layout] = rows.find(([, name]) => name === nameOf(section))!;
      const names = quotedIn(layout).flatMap((part) => part.split(" ").map((field) => field.split(":")[0]));
      const inTable = nameOf(section) === "NAK" ? [...names, "text"] : names;
      const behindEpoch = section.title.includes("behind the epoch") ? inTable.slice(1) : inTable;
      expect(
        section.fields.map(({ name }) => name),
        section.title,
      ).toEqual(behindEpoch);
    }
  });

  test("every command has its row, with its number", () => {
    const rows = tableRows("cmd", "command").map(([cmd, name]) => [name.split(",")[0], Number(cmd)]);
    const inCode = membersOf(commands, "Command").filter(([name]) => name !== "ILLEGAL");
    expect([...new Map(rows as [string, number][])]).toEqual(inCode);
  });
});

test("every error has its row, with its number (10.4)", () => {
  const rows = tableRows("error", "name").map(([code, name]) => [name, Number(code)]);
  const own = [...membersOf(errors, "IntroduceError"), ...membersOf(errors, "DataError")];
  expect(rows).toEqual([...membersOf(errors, "WireError"), ...own]);
});
