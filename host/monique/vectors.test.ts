/** Every recorded vector of MoniQue, by its era; one that nobody runs fails. */
import { readFileSync } from "node:fs";
import { decode, encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { BodyView, checkBody, decodeMessage, encodeMessage } from "./body.ts";
import { readData } from "./data.ts";
import { eraOf, readMessage } from "./eras.ts";
import { isFault } from "./fault.ts";
import { isId } from "./id.ts";
import { readKill } from "./kill.ts";
import type { Message } from "./message.ts";
import { isReadable, readMonitoring } from "./monitoring.ts";
import { formatTag, parseTag, type Tag, tagText } from "./tag.ts";
import { readError } from "./task-error.ts";
import { bytesOf, connectionVectors, type MessageVector, messageVectors } from "./testing/vectors.ts";

const final = messageVectors.filter(({ era }) => era === "C");

const messageOf = ({ fields }: MessageVector): Message => ({ ...fields, data: bytesOf(fields.data.hex) });

function tagOf(vector: MessageVector): Tag {
  const tag = parseTag(bytesOf(vector.frame0));
  if (isFault(tag)) throw new Error(tag.text);
  return tag;
}

describe.each(final)("$name", (vector) => {
  const [frame0, frame1] = [bytesOf(vector.frame0), bytesOf(vector.frame1)];
  const message = messageOf(vector);

  test("its tag is the fields of its body, both ways", () => {
    const { type, spec, id, pid, creator } = vector.fields;
    expect(tagOf(vector)).toMatchObject({ type, spec, id, pid, creator });
    expect(tagText(message)).toBe(vector.tag);
    expect(formatTag(message)).toEqual(Buffer.from(frame0));
  });

  test("its body is read as its fields, and written again as the same bytes", () => {
    expect(decodeMessage(frame1)).toEqual(message);
    expect(Buffer.from(encodeMessage(message)).toString("hex")).toBe(vector.frame1);
    expect(isId(message.id)).toBe(true);
  });

  test("another codec reads and writes the same", () => {
    expect(decode(frame1)).toEqual(message);
    expect(Buffer.from(encode(message)).toString("hex")).toBe(vector.frame1);
  });

  test("its body belongs to its tag, and to no other", () => {
    const view = new BodyView();
    expect(checkBody(frame1, frame0, tagOf(vector), view)).toBeUndefined();
    expect(view).toMatchObject({ expiresAt: 0, encoding: message.encoding, hasTextData: false });
    expect(Buffer.from(frame1.subarray(view.dataStart, view.dataEnd)).toString()).toBe(
      vector.fields.data.text,
    );
    const other = { ...message, creator: `${message.creator}x` };
    const tag = parseTag(formatTag(other)) as Tag;
    expect(checkBody(frame1, formatTag(other), tag, view)).toMatchObject({ code: "BODY_DISAGREES" });
  });

  test("cut at any byte, and with a byte left over, it is a fault", () => {
    const view = new BodyView();
    const tag = tagOf(vector);
    for (let end = 0; end < frame1.length; end++) {
      const cut = frame1.subarray(0, end);
      expect(isFault(decodeMessage(cut))).toBe(true);
      expect(isFault(checkBody(cut, frame0, tag, view))).toBe(true);
    }
    expect(decodeMessage(Buffer.concat([frame1, Buffer.from([0xc0])]))).toMatchObject({
      code: "BODY_TRAILING",
    });
  });

  test("it is read from the middle of other bytes as well", () => {
    const within = Buffer.concat([frame0, frame1, frame1]).subarray(
      frame0.length,
      frame0.length + frame1.length,
    );
    expect(decodeMessage(within)).toEqual(message);
  });

  test("its data are read, whatever they are declared as", () => {
    const read = readData(message);
    expect(read).toEqual({ value: JSON.parse(vector.fields.data.text), encoding: "JSON" });
  });
});

test("heartbeats, kills and errors among them are read as such", () => {
  for (const vector of final) {
    const message = messageOf(vector);
    const said = JSON.parse(vector.fields.data.text) as Record<string, unknown>;
    if (message.spec === "monitoring") {
      const heartbeat = readMonitoring(message.data);
      expect(heartbeat).toEqual(said);
      expect(isReadable(heartbeat)).toBe(true);
    } else if (message.spec === "kill") expect(readKill(message)).toBe(said.task_id);
    else if (message.type === "error") expect(readError(message)).toEqual(said);
  }
  const specs = final.map(({ fields }) => `${fields.type}:${fields.spec}`);
  expect(specs).toEqual(expect.arrayContaining(["data:monitoring", "config:kill", "error:error"]));
});

describe.each(messageVectors.filter(({ era }) => era !== "C"))("$name", (vector) => {
  const [frame0, frame1] = [bytesOf(vector.frame0), bytesOf(vector.frame1)];

  test("it is known as of its era, and read as its fields", () => {
    expect(eraOf(frame0, frame1)).toBe(vector.era);
    expect(readMessage(frame0, frame1)).toEqual({ era: vector.era, message: messageOf(vector) });
    expect(tagText(messageOf(vector))).toBe(vector.tag);
  });

  test("it is none of the final form", () => {
    expect(isFault(parseTag(frame0))).toBe(true);
    expect(decodeMessage(frame1)).toMatchObject({ code: "BODY_FIELD" });
  });

  test("cut at any byte it is a fault", () => {
    for (let end = 0; end < frame0.length; end++)
      expect(isFault(readMessage(frame0.subarray(0, end), frame1))).toBe(true);
    for (let end = 0; end < frame1.length; end++)
      expect(isFault(readMessage(frame0, frame1.subarray(0, end)))).toBe(true);
  });
});

test("those of the final form are known as such", () => {
  for (const vector of final)
    expect(readMessage(bytesOf(vector.frame0), bytesOf(vector.frame1))).toEqual({
      era: "C",
      message: messageOf(vector),
    });
});

test("none is left out: 16 of the final form, 3 of older ones, and the bytes of connections where those are read", () => {
  expect(messageVectors.map(({ era }) => era).sort()).toEqual([..."ABB", ..."C".repeat(16)]);
  // host/zmtp asks each of its list for a meaning.
  const list = new URL("../zmtp/testing/zmtp-vectors.json", import.meta.url);
  expect(JSON.parse(readFileSync(list, "utf8")).zmtp).toEqual(connectionVectors);
  expect(connectionVectors).toHaveLength(12);
});
