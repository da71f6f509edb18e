import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Budget } from "./budget.ts";
import { ZmtpDecoder } from "./decoder.ts";
import { defaultLimits } from "./limits.ts";
import { Heard } from "./testing/heard.ts";

interface Vector {
  name: string;
  hex: string;
}

const file = new URL("./testing/zmtp-vectors.json", import.meta.url);
const vectors: readonly Vector[] = JSON.parse(readFileSync(file, "utf8")).zmtp;
const hexOf = (name: string) => vectors.find((vector) => vector.name === name)!.hex;

/** "ff 00*8 7f": bytes, and bytes that repeat. */
function bytesOf(text: string): Buffer {
  const words = text.split(/\s+/).filter(Boolean);
  return Buffer.from(
    words.map((word) => word.replace(/^(\w\w)\*(\d+)$/, (_, hex, times) => hex.repeat(times))).join(""),
    "hex",
  );
}

const GREETING = "ff 00*7 01 7f 03 00 4e554c4c 00*16 00 00*31";

/** What a decoder says of a greeting and these bytes, in chunks of so many; without the greeting's line. */
function hear(bytes: Uint8Array, chunk = bytes.length, limits = {}): string[] {
  const heard = new Heard();
  const decoder = new ZmtpDecoder({ ...defaultLimits, ...limits }, heard);
  decoder.feed(bytesOf(GREETING));
  for (let at = 0; at < bytes.length; at += chunk) decoder.feed(bytes.subarray(at, at + chunk));
  return heard.lines.slice(1);
}

/** What each vector says; the bodies of messages as they stand in the document. */
const meanings: Record<string, string> = {
  greeting: "greeting 3.1",
  "ready-push": "command READY 0b536f636b65742d547970650000000450555348",
  "ready-pull": "command READY 0b536f636b65742d547970650000000450554c4c",
  "ready-sub": "command READY 0b536f636b65742d5479706500000003535542",
  "subscribe-all-3.0": "message 01",
  "subscribe-3.0": `message 01${Buffer.from("config:example_calculator").toString("hex")}`,
  "cancel-3.0": `message 00${Buffer.from("result:example_clock").toString("hex")}`,
  "subscribe-all-3.1": "command SUBSCRIBE ",
  "subscribe-3.1": `command SUBSCRIBE ${Buffer.from("config:example_calculator").toString("hex")}`,
  "cancel-3.1": `command CANCEL ${Buffer.from("result:example_clock").toString("hex")}`,
  // 01, 92 bytes of tag; 00, 203 bytes of body
  "message-short": `message ${hexOf("message-short").slice(4, 4 + 2 * 92)} ${hexOf("message-short").slice(8 + 2 * 92)}`,
  // 01, 89 bytes of tag; 02, the size in 8 bytes, 272 bytes of body
  "message-long": `message ${hexOf("message-long").slice(4, 4 + 2 * 89)} ${hexOf("message-long").slice(22 + 2 * 89)}`,
};

test("each vector has its meaning here", () => {
  expect(vectors.map(({ name }) => name).sort()).toEqual(Object.keys(meanings).sort());
  expect(meanings["message-short"].split(" ").map((hex) => hex.length / 2)).toEqual([3.5, 92, 203]);
  expect(meanings["message-long"].split(" ").map((hex) => hex.length / 2)).toEqual([3.5, 89, 272]);
});

test.each(vectors)(
  "$name reads the same whole, cut at every byte, byte by byte, and with bytes left over",
  ({ name, hex }) => {
    const bytes = Buffer.from(hex, "hex");
    const isGreeting = name === "greeting";
    const say = (...chunks: Uint8Array[]) => {
      const heard = new Heard();
      const decoder = new ZmtpDecoder(defaultLimits, heard);
      if (!isGreeting) decoder.feed(bytesOf(GREETING));
      for (const chunk of chunks) decoder.feed(chunk);
      return { lines: heard.lines.slice(isGreeting ? 0 : 1), keptBytes: decoder.keptBytes };
    };
    const whole = { lines: [meanings[name]], keptBytes: 0 };
    expect(say(bytes)).toEqual(whole);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(say(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole);
    expect(say(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(whole);
    expect(say(bytes.subarray(0, -1)).lines).toEqual([]);
    // What begins then is kept: flags and size of a message of five bytes, and one of these.
    expect(say(Buffer.concat([bytes, bytesOf("00 05 61")]))).toEqual({
      lines: [meanings[name]],
      keptBytes: 3,
    });
  },
);

test("many units in any chunks are the same units", () => {
  const names = Object.keys(meanings).filter((name) => name !== "greeting");
  const bytes = Buffer.concat([...names, ...names].map((name) => Buffer.from(hexOf(name), "hex")));
  const whole = [...names, ...names].map((name) => meanings[name]);
  for (let chunk = 1; chunk <= bytes.length; chunk++) expect(hear(bytes, chunk)).toEqual(whole);
});

const malformed: [string, string][] = [
  ["00*64", "fault BAD_GREETING"],
  ["47 45 54 20", "fault BAD_GREETING"],
  ["ff 00*8 7e", "fault BAD_GREETING"],
  ["ff 00*8 7f 02", "fault BAD_VERSION"],
  ["ff 00*8 7f 03 01 504c41494e 00*15", 'fault BAD_MECHANISM: reading a greeting: mechanism "PLAIN"'],
  ["ff 00*8 7f 03 01 4e554c4c 00*15 01", "fault BAD_MECHANISM"],
];

test.each(malformed)(
  "%s instead of a greeting is refused as soon as it is seen, whole and byte by byte",
  (text, fault) => {
    for (const chunk of [64, 1]) {
      const heard = new Heard();
      const decoder = new ZmtpDecoder(defaultLimits, heard);
      const bytes = bytesOf(text);
      for (let at = 0; at < bytes.length; at += chunk) decoder.feed(bytes.subarray(at, at + chunk));
      decoder.feed(bytesOf(GREETING));
      expect(heard.lines).toHaveLength(1);
      expect(heard.lines[0]).toContain(fault);
    }
  },
);

test.each<[string, string, object?]>([
  ["08 01 61", "fault BAD_FRAME: reading a frame: flags 08"],
  ["80 01 61", "fault BAD_FRAME: reading a frame: flags 80"],
  ["05 02 01 61", "fault BAD_FRAME: reading a frame: flags 05"],
  ["0c 02 01 61", "fault BAD_FRAME: reading a frame: flags 0c"],
  ["01 01 61 04 02 01 61", "fault BAD_FRAME: reading a frame: flags 04"],
  ["04 00", "fault BAD_COMMAND"],
  ["04 01 00", "fault BAD_COMMAND"],
  ["04 02 02 61", "fault BAD_COMMAND"],
  ["06 0000000000001001", "fault MESSAGE_TOO_LONG: reading a command: 4097 bytes; allowed are 4096"],
  [
    "00 05",
    "fault MESSAGE_TOO_LONG: reading a message: 5 bytes and more; allowed are 4",
    { messageBytes: 4 },
  ],
  ["01 03 616263 00 02", "fault MESSAGE_TOO_LONG: reading a message: 5 bytes", { messageBytes: 4 }],
  ["02 ffffffffffffffff", "fault MESSAGE_TOO_LONG: reading a message: 18446744073709552000 bytes"],
  ["01 00 01 00 00 00", "fault TOO_MANY_PARTS: reading a message: more than 2 parts", { parts: 2 }],
])("%s after a greeting is refused", (text, fault, limits) => {
  for (const chunk of [1000, 1]) {
    const lines = hear(bytesOf(`${text} 00 01 61`), chunk, limits);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(fault);
  }
});

test.each<[string, string, object?]>([
  ["02 0000000000000001 61", "message 61"],
  ["03 0000000000000000 00 00", "message  "],
  ["00 00", "message "],
  ["06 0000000000000002 01 61", "command a "],
  ["01 02 6162 00 02 6364", "message 6162 6364", { messageBytes: 4, parts: 2 }],
])("%s after a greeting is taken", (text, line, limits) => {
  for (const chunk of [1000, 1]) expect(hear(bytesOf(text), chunk, limits)).toEqual([line]);
});

test("what is announced costs no memory, only what has come", () => {
  const decoder = new ZmtpDecoder(defaultLimits, new Heard());
  decoder.feed(bytesOf(GREETING));
  const before = process.memoryUsage().arrayBuffers;
  decoder.feed(bytesOf("02 0000000000400000 61")); // 4 MiB
  expect(decoder.keptBytes).toBe(10);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000);
});

test("all together may have begun so much, and what is whole or given up is room again", () => {
  const budget = new Budget(3018);
  const make = () => {
    const heard = new Heard();
    const decoder = new ZmtpDecoder(defaultLimits, heard, budget);
    decoder.feed(bytesOf(GREETING));
    return { heard, decoder };
  };
  const begun = bytesOf("02 00000000000007d0 61*1000"); // half of 2000 bytes
  const [ann, bob, cid] = [make(), make(), make()];
  for (const { decoder } of [ann, bob, cid]) decoder.feed(begun);
  expect(budget.used).toBe(2018); // as much as has come, with flags and sizes
  expect(cid.heard.lines.at(-1)).toContain("fault TOO_MUCH_UNFINISHED: reading: 1009 bytes");
  ann.decoder.feed(Buffer.alloc(1000));
  expect(ann.heard.lines.at(-1)).toHaveLength("message ".length + 4000);
  bob.decoder.stop();
  expect(budget.used).toBe(0);
});

test("a handler that has enough hears nothing more, of this chunk or the next", () => {
  const lines: string[] = [];
  const heard = new Heard();
  const decoder = new ZmtpDecoder(defaultLimits, {
    onGreeting: () => {},
    onCommand: () => {},
    onFault: (fault) => heard.onFault(fault),
    onMessage(parts) {
      decoder.stop();
      lines.push(parts.map((part) => Buffer.from(part).toString("hex")).join(" ")); // what it was told of stays to the end of the call
    },
  });
  decoder.feed(Buffer.concat([bytesOf(GREETING), bytesOf("01 01 61 00 01 62 00 01 63")]));
  decoder.feed(bytesOf("00 01 64"));
  expect(lines).toEqual(["61 62"]);
});

test("interrupt() leaves the rest of the chunk, whose start feed() tells", () => {
  const lines: string[] = [];
  const decoder: ZmtpDecoder = new ZmtpDecoder(defaultLimits, {
    onGreeting: () => {},
    onCommand: () => decoder.interrupt(),
    onFault: ({ code }) => void lines.push(code),
    onMessage: ([part]) => void lines.push(Buffer.from(part).toString("latin1")),
  });
  expect(decoder.feed(bytesOf(GREETING))).toBe(64);
  expect(decoder.feed(bytesOf("04 02 01"))).toBe(3);
  const chunk = bytesOf("61 00 01 62");
  expect([decoder.feed(chunk), lines]).toEqual([1, []]);
  expect([decoder.feed(chunk.subarray(1)), lines]).toEqual([3, ["b"]]);
});
