/** The Python client's bytes against the vectors and PROTOCOL.md: without a socket, cut at every byte. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { clientEnvironment, isPythonThere } from "./testing/python.ts";

const vectors = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../shared/vectors/session.json", import.meta.url)), "utf8"),
) as {
  varint: { value: number | string; hex: string }[];
  messages: { name: string; hex: string }[];
  malformed: { name: string; state: string; hex: string; error: string }[];
};

/** Its answer to a program that has `given` from JSON and gives `told`, what it printed as JSON. */
function tell(program: string, given: unknown): unknown {
  const text = `
import json, sys
from bowline_session import *
given = json.loads(sys.argv[1])
packets = []
def client(key=None):
    return Client("pico-30003b", key, packets.append)
def decode(hexes):
    """Reads one number byte by byte: its value, and whether it asked for more before each byte."""
    reader = read_varint(); wanted = next(reader); data = b""; at = 0
    for byte in bytes.fromhex(hexes):
        data += bytes((byte,))
        if len(data) == wanted:
            try: wanted, data = reader.send(data), b""
            except StopIteration as end: return end.value
    return "more"
def say(one, hexes, step=1):
    """Feeds it in pieces of so many bytes; what it says meanwhile."""
    said, data = b"", bytes.fromhex(hexes)
    for at in range(0, len(data), step):
        one.receive(data[at:at + step], 0)
        said += one.output(0)
    return said.hex()
${program}
print(json.dumps(told))`;
  const run = spawnSync("python3", ["-c", text, JSON.stringify(given)], {
    env: clientEnvironment,
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  return JSON.parse(run.stdout);
}

const named = (name: string) => vectors.messages.find((one) => one.name === name)!.hex;
const ACCEPTED = named("new session accepted") + named("state from the server").replace(/^0a/, "00");
const HELLO = `{"hello":{"id":"pi-kitchen","epoch":"c0ffee0102030405","seq":1,"rx":262144,"max":65536,"yourEpoch":"9f3c21d07be54a18","t":1795301705979}}`;
/** A packet of that text, as long as its size takes one byte. */
const packet = (text: string) => Buffer.from([text.length, ...Buffer.from(text)]).toString("hex");

describe.skipIf(!isPythonThere)("(needs python3: sudo apt-get install python3)", () => {
  test("numbers are written in their shortest form and read in any; every shorter piece says that it needs more", () => {
    const given = vectors.varint
      .map(({ value, hex }) => ({ value: Number(value), hex }))
      .filter(({ value }) => Number.isSafeInteger(value));
    expect(given.length).toBeGreaterThan(20);
    const program = `told = [[varint(one["value"]).hex(), decode(one["hex"]), [decode(one["hex"][:n]) for n in range(0, len(one["hex"]), 2)]] for one in given] + [decode("fa000001")]`;
    expect(tell(program, given)).toEqual([
      ...given.map(({ value, hex }) => [hex, value, Array(hex.length / 2).fill("more")]),
      1,
    ]);
  });

  test("a request and a state leave together, and a conversation means the same however it is cut", () => {
    const given = [ACCEPTED + packet(HELLO), "0001", packet('{"ot":"l:led","on":true,"rq":1}')];
    const program = `
told = []
for step in (1, 2, 3, 7, 1000):
    packets.clear()
    one = client(); one.connect(0)
    first = one.output(0).hex()
    said = [say(one, hexes, step) for hexes in given]
    one.accepted += 1
    told.append([first, said, one.output(0).hex(), [data.decode() for _, data in packets], one.session.hex(), one.epoch])`;
    const hello = `{"hello":{"id":"pico-30003b","epoch":"","seq":1,"rx":262144,"max":65536,"fw":"python"}}`;
    expect(tell(program, given)).toEqual(
      Array(5).fill([
        `${named("new session request")}00`,
        [`${packet(hello)}0001`, "", ""],
        "0001",
        ['{"ot":"l:led","on":true,"rq":1}'],
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
        "9f3c21d07be54a18",
      ]),
    );
  });

  test("after a cut it sends from what is acknowledged, one more for each that is (D2), and skips and counts what it has (D1)", () => {
    const request = packet('{"ot":"l:x","rq":1}');
    const given = { open: ACCEPTED + packet(HELLO), request, resumed: "000014f90a98ff" };
    const program = `
one = client(); one.connect(0); one.output(0)
say(one, given["open"]); say(one, "0001")
one.held = [varint(1) + bytes((97 + i,)) for i in range(16)]
told = [one.output(0).hex()]
told.append(say(one, "0003", 2))
say(one, given["request"]); one.accepted = 2
one.connect(0)
told += [one.output(0).hex(), say(one, given["resumed"], 100)]
told.append(say(one, given["request"], 100))  # index 0 was the hello: it is skipped
told.append(say(one, given["request"], 100))
told.append([len(packets), say(one, "0001", 2), say(one, "0002", 2)])`;
    expect(tell(program, given)).toEqual([
      "01610162016301640165", // 4 and one for the hello, which is acknowledged
      "0166016701680169016a016b",
      `0110a0a1a2a3a4a5a6a7a8a9aaabacadaeaf04`,
      "0164016501660167", // it begins with 4 again
      "0001",
      "0001",
      [1, "01680169", "016a016b016c016d"],
    ]);
  });

  test("what the gateway need not say again is not counted again, and a request that comes in a new session is taken once", () => {
    const request = (n: number) => packet(`{"ot":"l:x","rq":${n}}`);
    const given = {
      open: ACCEPTED + packet(HELLO),
      resumed: "000214f90a98ff",
      packets: [1, 2, 3].map(request),
    };
    const program = `
one = client(); one.connect(0); one.output(0)
say(one, given["open"]); say(one, "0001")
for each in given["packets"][:2]: say(one, each)
one.accepted = 3; one.output(0)
one.connect(0); one.output(0)
told = [say(one, given["resumed"])]  # hello and first request were counted: it begins with the second
told += [say(one, given["packets"][1], 100), say(one, given["packets"][2], 100)]
one.accepted = 4
told += [one.output(0).hex(), one.fail("SESSION_UNKNOWN", True).hex()]
one.connect(0); one.output(0)
say(one, given["open"]); say(one, "0001")
for each in given["packets"] + ["${request(4)}"]: say(one, each)  # the second session begins with number 1 again
told.append([data.decode() for _, data in packets])`;
    expect(tell(program, given)).toEqual([
      ...["", "0001", "", "0001", "00ff"],
      [
        '{"ot":"l:x","rq":1}',
        '{"ot":"l:x","rq":2}',
        '{"ot":"l:x","rq":3}',
        "{}",
        "{}",
        "{}",
        '{"ot":"l:x","rq":4}',
      ],
    ]);
  });

  test("what the other side may not do ends the connection, or the session, with the code of section 6", () => {
    const given = vectors.malformed.filter(({ state }) => !state.includes("server"));
    expect(given.map(({ error }) => error)).toHaveLength(6);
    const program = `
def fault(state, hexes):
    one = client(); one.connect(0); one.output(0)
    if "handshake" not in state: say(one, "${named("new session accepted")}")
    if "open" in state: say(one, "${named("state from the server").replace(/^0a/, "00")}${packet(HELLO)}0001")
    if "outstanding" in state:
        one.held = [b"\\1a"] * 3
        one.output(0)
    if "received" in state: one.received = 15; hexes += "14f90a98ff"
    try: say(one, hexes)
    except Fault as fault: return [fault.args[0], one.fail(*fault.args).hex()]
told = [fault(one["state"], one["hex"]) for one in given]
told += [fault("handshake", hexes) for hexes in ("01", "02", "0021", "0000")]
told += [fault("open", "00ff")]`;
    expect(tell(program, given)).toEqual([
      ...given.map(({ error }) => [error, error === "PACKET_GAP" ? "00ff" : ""]),
      ["VERSION_UNSUPPORTED", ""],
      ["SESSION_UNKNOWN", ""],
      ["SESSION_ID_SIZE", ""],
      ["SESSION_ID_SIZE", ""],
      ["CLOSED", "00ff"],
    ]);
  });

  test("the third fault without progress ends the session too, and says so", () => {
    const program = `
one = client(); told = []
for _ in range(3):
    one.connect(0); one.output(0)
    if not one.session: say(one, "${ACCEPTED}")
    else: say(one, "000014f90a98ff")
    try: say(one, "00c9")
    except Fault as fault: told += [one.fail(*fault.args).hex(), one.session.hex() != ""]`;
    expect(tell(program, null)).toEqual(["", true, "", true, "00ff", false]);
  });

  test("time: a heartbeat at syncIntervalMax, dead at twice that without one, a count at syncIntervalMin after the first 256", () => {
    const program = `
one = client(); one.connect(0); one.output(0)
say(one, "${ACCEPTED}${packet(HELLO)}0001")
told = [one.due, one.output(4999).hex(), one.output(5000).hex(), one.due]
one.receive(bytes.fromhex("0000"), 6000)
told += [one.output(9999).hex(), one.output(10000).hex()]
one.counted, one.next, one.received, one.accepted = 256, 258, 258, 257
told += [one.output(10001).hex(), one.due, one.output(10100).hex()]
try: one.output(16000)
except Fault as fault: told.append(fault.args[0])
two = client(); two.connect(0); two.output(4999)
try: two.output(5000)
except Fault as fault: told.append(fault.args[0])`;
    expect(tell(program, null)).toEqual([
      ...[5000, "", "0000", 10_000],
      ...["", "0000"],
      ...["", 10_100, "0001"],
      ...["DEAD", "HANDSHAKE_TIMEOUT"],
    ]);
  });

  test("proofs and the resume are those of PROTOCOL 4.4, and a gateway that cannot prove itself is left", () => {
    const program = `
key = bytes(range(32))
def greeted(proof):
    one = client(key); one.connect(0); one.output(0); one.nonce = bytes(range(0x20, 0x30))
    hello = json.dumps({"hello": {**json.loads(given)["hello"], "nonce": "EBESExQVFhcYGRobHB0eHw==", **proof}}).encode()
    try: said = say(one, "${ACCEPTED}") + say(one, (varint(len(hello)) + hello).hex())
    except Fault as fault: return one, [fault.args[0], one.fail(*fault.args).hex()]
    return one, bytes.fromhex(said)[-60:].decode("latin1")
one, said = greeted({"proof": "XsP6HTei2Jt1rvL9BaUFy9FwthehsqxWZwVOnGB3sVA="})
one.resumes, one.acknowledged = 2, 10
one.connect(0)
told = [said, one.output(0).hex(), greeted({"proof": "YsP6HTei2Jt1rvL9BaUFy9FwthehsqxWZwVOnGB3sVA="})[1], greeted({})[1]]`;
    expect(tell(program, HELLO)).toEqual([
      expect.stringContaining('{"proof":"Tl19VC7I6/B/vYq7VBCGRhiTpVSYfayRTxMIEhAk/1A="}'),
      "0120a0a1a2a3a4a5a6a7a8a9aaabacadaeaf00000003a59a8944fd3b8f19d6c4ffea0a",
      ["PROOF_INVALID", "00ff"],
      ["PROOF_INVALID", "00ff"],
    ]);
  });

  test("no more bytes are on their way than the gateway can hold (D6); what is larger goes alone", () => {
    const program = `
one = client(); one.connect(0); one.output(0)
say(one, "${ACCEPTED}")
hello = json.dumps({"hello": {**json.loads(given)["hello"], "rx": 10}}).encode()
say(one, (varint(len(hello)) + hello).hex()); say(one, "0001")
one.held = [varint(3) + b"abc"] * 3 + [varint(11) + b"large packet"[:11]]
told = [len(one.output(0)), len(say(one, "0002", 2)) // 2, len(say(one, "0001", 2)) // 2]`;
    expect(tell(program, HELLO)).toEqual([8, 4, 12]);
  });
});
