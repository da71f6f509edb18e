import { describe, expect, test } from "vitest";
import vectors from "../../shared/vectors/session.json" with { type: "json" };
import { parseHex } from "./arguments/hex.ts";
import { type DecodeOptions, decode } from "./decode.ts";
import { runVerb } from "./testing/run-verb.ts";

const ID = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";
const NO_MESSAGE = (type: number) => `no message of Bowline (a blob's type of ${type} bytes, allowed 1…63)`;

/** By the name of the vector: what each of its pieces means, and the clause. */
const meanings: Record<string, [meaning: string, clause: string][]> = {
  "new session request": [["request of a new session, version 1", "session §1.1"]],
  "new session accepted": [[`handshake OK: new session ${ID}`, "session §1.1"]],
  "resume request": [[`request to resume session ${ID}, version 1`, "session §1.2"]],
  "resume accepted": [["handshake OK: session resumed", "session §1.2"]],
  "unknown session": [["handshake refused: session does not exist", "session §1.3"]],
  "version refused": [["handshake refused: version not supported", "session §1.4"]],
  "state from the client, nothing sent yet": [["client's state: startPacketIndex 0", "session §2"]],
  "state from the client, 10 acknowledged": [["client's state: startPacketIndex 10", "session §2"]],
  "state from the server": [
    [
      "server's state: startPacketIndex 10, syncIntervalMin 100 ms, syncIntervalMax 5000 ms, sessionExpire 60 s",
      "session §2",
    ],
  ],
  "data packet of 3 bytes": [[`data packet of 3 bytes: ${NO_MESSAGE(97)}`, "session §4"]],
  "data packet of 240 bytes": [[`data packet of 240 bytes: ${NO_MESSAGE(85)}`, "session §4"]],
  "data packet of 241 bytes": [[`data packet of 241 bytes: ${NO_MESSAGE(102)}`, "session §4"]],
  "sync: 5 packets received": [["sync: 5 packets received", "session §3"]],
  "sync: 200 packets received": [["sync: 200 packets received", "session §3"]],
  heartbeat: [["heartbeat", "session §3.1"]],
  "session close": [["close of the session", "session §3.2"]],
  "two data packets, a sync and a heartbeat back to back": [
    [`data packet of 1 bytes: ${NO_MESSAGE(97)}`, "session §4"],
    [`data packet of 2 bytes: ${NO_MESSAGE(98)}`, "session §4"],
    ["sync: 2 packets received", "session §3"],
    ["heartbeat", "session §3.1"],
  ],
};

/** What is said of bytes that cannot be. The others of the table are well-formed, and wrong only for what was before. */
const malformed: Record<string, [DecodeOptions, string]> = {
  "sync with the reserved count 201": [
    { open: true },
    "sync with receiveCount 201, malformed: RECEIVE_COUNT_RESERVED",
  ],
  "packet size above 2^53-1": [{ open: true }, "packetSize malformed: VARINT_RANGE"],
  "packet larger than the configured maximum (65536)": [
    { open: true },
    "data packet of 65537 bytes, cut short: 0 are here",
  ],
  "unknown handshake code 3": [{ from: "server" }, "handshake reply, malformed: HANDSHAKE_CODE"],
};

const sides = (from: string) => (from === "either" ? (["client", "server"] as const) : [from as "client"]);

describe("the vectors", () => {
  const cases = vectors.messages.flatMap((vector) => sides(vector.from).map((from) => ({ ...vector, from })));
  test.each(cases)("$name, from the $from, is told in words", ({ name, hex, from }) => {
    const { findings } = decode(parseHex([hex]), { from });
    expect(findings.map(({ meaning, clause }) => [meaning, clause])).toEqual(meanings[name]);
    expect(findings.every(({ isUnderstood }) => isUnderstood)).toBe(true);
    expect(findings.at(-1)?.end).toBe(hex.length / 2);
  });

  test.each(vectors.messages)("$name is also found when nobody says who sent it", ({ name, hex }) => {
    const { findings, alternatives } = decode(parseHex([hex]));
    const [first] = meanings[name][0];
    expect([findings[0].meaning, ...alternatives]).toContain(first);
  });

  test.each(vectors.messages)(
    "$name, cut at every byte, never claims more than is there",
    ({ hex, from }) => {
      const bytes = parseHex([hex]);
      for (let cut = 1; cut < bytes.length; cut++) {
        for (const side of sides(from)) {
          const { findings } = decode(bytes.subarray(0, cut), { from: side });
          expect(findings.at(-1)?.end, `cut at ${cut}`).toBe(cut);
          expect(findings.map(({ start }) => start).slice(1)).toEqual(
            findings.map(({ end }) => end).slice(0, -1),
          );
        }
      }
    },
  );

  test.each(Object.entries(malformed))("%s is said to be wrong", (name, [options, meaning]) => {
    const hex = vectors.malformed.find((vector) => vector.name === name)?.hex ?? "";
    const { findings } = decode(parseHex([hex]), options);
    expect(findings).toEqual([expect.objectContaining({ meaning, isUnderstood: false })]);
  });
});

test("a whole conversation of a client is read from its first byte to its last", () => {
  const datum = Buffer.from('{"rq":7,"ot":"l:led","on":true}').toString("hex");
  const { findings } = decode(parseHex([`0110${ID}0a`, "1f", datum, "0003 00ff"]));
  expect(findings.map(({ start, meaning }) => [start, meaning])).toEqual([
    [0, `request to resume session ${ID}, version 1`],
    [18, "client's state: startPacketIndex 10"],
    [19, 'data packet of 31 bytes: request 7 {"rq":7,"ot":"l:led","on":true}'],
    [51, "sync: 3 packets received"],
    [53, "close of the session"],
  ]);
});

test.each([
  ['{"hello":{"id":"sim-1"}}', 'hello {"hello":{"id":"sim-1"}}'],
  ['{"proof":"ab"}', 'proof {"proof":"ab"}'],
  ['{"kill":7}', 'cancel of request 7 {"kill":7}'],
  ['{"re":7,"v":1}', 'reply to request 7 {"re":7,"v":1}'],
  ['{"re":7,"err":"no"}', 'error reply to request 7 {"re":7,"err":"no"}'],
  ['{"ot":"l:temp","v":22.5}', 'datum {"ot":"l:temp","v":22.5}'],
  ['{"x":"\u009b"}', 'message {"x":"\\u009b"}'],
  ["{}", "an empty message {}"],
  ["\u0003l:x123", "a blob of type l:x, 3 bytes"],
])("the payload %j is %s", (payload, words) => {
  const bytes = Buffer.from(payload);
  const { findings } = decode(Buffer.concat([Buffer.from([bytes.length]), bytes]));
  expect(findings[0].meaning).toBe(`data packet of ${bytes.length} bytes: ${words}`);
});

describe("bowline decode", () => {
  test("prints offset, bytes, meaning and clause of each piece", async () => {
    const { code, out } = await runVerb(["decode", "01", "00", "0x00,03:61:62:63"]);
    expect(code).toBe(0);
    expect(out).toEqual([
      "    0  01 00                                  request of a new session, version 1  (session §1.1)",
      "    2  00                                     client's state: startPacketIndex 0  (session §2)",
      `    3  03 61 62 63                            data packet of 3 bytes: ${NO_MESSAGE(97)}  (session §4)`,
      "could also be: client's state: startPacketIndex 1   (--from or --open decides)",
    ]);
  });

  test("--json prints one object a line", async () => {
    const { out } = await runVerb(["decode", "--json", "--from", "server", "0005", "00"]);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      {
        offset: 0,
        hex: "0005",
        meaning: "sync: 5 packets received",
        clause: "session §3",
        isUnderstood: true,
      },
      {
        offset: 2,
        hex: "00",
        meaning: "sync packet, cut short",
        clause: "session §3",
        isUnderstood: false,
        isCut: true,
      },
    ]);
  });

  test("exits with 7 when nothing could be understood, and says so", async () => {
    const { code, out, err } = await runVerb(["decode", "--from", "server", "03"]);
    expect(code).toBe(7);
    expect(out).toEqual([expect.stringContaining("?? handshake reply, malformed: HANDSHAKE_CODE")]);
    expect(err.join()).toContain("[NOT_UNDERSTOOD]");
  });

  test.each([
    [["decode", "0g"], '"g" at character 2'],
    [["decode", "010"], "3 digits, two make a byte"],
    [["decode", "00", "--from", "board"], "client, server, link"],
    [["decode"], "missing required argument 'hex'"],
  ])("%j is a usage error that says what is wrong", async (args, text) => {
    const { code, err } = await runVerb(args);
    expect([code, err.join("\n")]).toEqual([2, expect.stringContaining(text)]);
  });
});
