/** What the real listener answers to bytes that are written out here, by one that may be anybody. */
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import { decodeIntroduction, encodeIntroduction, type Introduction } from "../iotgw/introduce.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { introduceRequest, prove } from "./introduce-frames.ts";
import { proofOf } from "./proof.ts";
import { RawGateway } from "./testing/raw-gateway.ts";
import { TestGateways } from "./testing/test-gateways.ts";

const stops = stopAfterEach();
const hex = (text: string) => Buffer.from(text.replace(/[\s|]+/g, ""), "hex");

/** iotgw §3: host 5 asks host 9. */
const REQUEST = "49470010 00010000 0c000000 01000000 | 0500000000000000 0a000100";
const OK = "49470010 01010000 0c000000 01000000 | 0900000000000000 0a000100";
const UNKNOWN_HOST = "49470010 01010020 0c000000 01000000 | 0900000000000000 0a000100";
const INVALID_AUTH = "49470010 01010021 0c000000 01000000 | 0900000000000000 0a000100";
const from = (id: bigint) => {
  const bytes = hex(REQUEST);
  bytes.writeBigUInt64LE(id, 16);
  return bytes;
};

/** 9 listens, and knows 5. */
async function nine(key?: string) {
  const gateways = new TestGateways(9n, { listen: { port: 0 }, connect: [{ id: "5", dial: "never" }] });
  if (key !== undefined) gateways.keys.put("5", key, "the test");
  stops.push(() => gateways.gateways.stop());
  await gateways.gateways.start();
  const raw = async () => {
    const one = new RawGateway();
    stops.push(() => one.stop());
    await one.connect(gateways.port);
    return one;
  };
  return { gateways, raw };
}

const KEY = Buffer.alloc(32, 3).toString("base64");
const said: Introduction = {
  hostId: 5n,
  coreVersion: 0x0001_000a,
  epoch: 77n,
  ...{ caps: 0, maxFrame: 65_536, window: 32_768, nonce: Buffer.alloc(16, 1) },
  ...{ haveEpoch: 0n, have: [0, 0, 0, 0], name: "five", proof: undefined },
};

/** The reply in `heard`, whose body begins at byte 16. */
function replyIn(heard: string): Introduction {
  const bytes = Buffer.from(heard, "hex");
  const body = decodeIntroduction(bytes, 16, bytes.length);
  if (!("epoch" in body)) throw new Error(body.text);
  return body;
}

test.each([
  ["5, who is known", 5n, OK, ""],
  ["6, who is not", 6n, UNKNOWN_HOST, "disconnected"],
  ["0, who is nobody", 0n, UNKNOWN_HOST, "disconnected"],
])("version 0 of %s is answered byte for byte as the source has it", async (_, id, reply, end) => {
  const { raw } = await nine();
  const one = await raw();
  one.say(from(id));
  await one.until("answered", () => one.heard.length === 1);
  expect(one.heard).toEqual([hex(reply).toString("hex")]);
  if (end !== "") await one.until("hung up on", () => one.isOver);
  else expect(one.isOver).toBe(false);
});

test("another id than before is denied with 33, and hung up on once the reply has left", async () => {
  const { raw, gateways } = await nine();
  const one = await raw();
  one.say(from(5n));
  one.say(from(5n));
  one.say(from(6n));
  one.say(from(5n));
  await one.until("hung up on", () => one.isOver);
  expect(one.heard).toEqual([OK, OK, INVALID_AUTH].map((text) => hex(text).toString("hex")));
  expect(gateways.peer(5).told).toEqual([]);
});

test.each([
  ["a request DATA", "49470010 00020000 00000000 07000000", "49470010 01020005 00000000 07000000"],
  ["a notification EVENT", "49470010 02100000 00000000 00000000", "49470010 01100005 00000000 00000000"],
  ["a PROVE", "49470010 02090100 00000000 00000000", "49470010 01090105 00000000 00000000"],
])("%s before the introduction is error 5, NOINTRODUCTION", async (_, sent, reply) => {
  const { raw } = await nine();
  const one = await raw();
  one.say(hex(sent));
  await one.until("hung up on", () => one.isOver);
  expect(one.heard).toEqual([hex(reply).toString("hex")]);
});

const NO_FRAME = "49470010 0100000e 00000000 00000000";
test.each([
  ["garbage", "68656c6c6f2c20776f726c64", NO_FRAME],
  [
    "the first version of the protocol, without a sign",
    "01010000 0c000000 01000000 0500000000000000 0a000100",
    NO_FRAME,
  ],
  [
    "a size that is not the packet's",
    "49470010 00010000 0d000000 01000000 0500000000000000 0a000100",
    NO_FRAME,
  ],
  [
    "an introduction of another size",
    "49470010 00010000 04000000 01000000 05000000",
    "49470010 0101000e 00000000 01000000",
  ],
  ["epoch 0", "", "49470010 0101010e 00000000 01000000"],
])("%s is error 14, BAD_FRAME", async (_, sent, reply) => {
  const { raw } = await nine();
  const one = await raw();
  one.say(sent === "" ? introduceRequest({ ...said, epoch: 0n }) : hex(sent));
  await one.until("hung up on", () => one.isOver);
  expect(one.heard).toEqual([hex(reply).toString("hex")]);
});

test("a frame above what a stranger may send ends the connection before it is read", async () => {
  const { raw } = await nine();
  const one = await raw();
  one.say(encodeFrame({ ...plain(), cmd: 1, reqtype: 0 }, new Uint8Array(560)));
  await one.until("hung up on", () => one.isOver);
  expect(one.heard).toEqual([]);
});
const plain = () => ({ cmdVersion: 0, error: 0, rqid: 1, crc: false });

test("a version that is not known is error 16, and may be followed by one that is", async () => {
  const { raw, gateways } = await nine();
  const one = await raw();
  one.say(hex("49470010 00010200 00000000 01000000"));
  one.say(introduceRequest(said));
  await gateways.until("known", () => gateways.peer(5).session !== null);
  await one.until("answered twice", () => one.heard.length === 2);
  expect(one.heard[0]).toBe(hex("49470010 01010210 00000000 01000000").toString("hex"));
  expect(gateways.peer(5).sessions[0].introduced.firstIndex).toBe(2);
});

test("with a key the reply proves it, and who proves it in turn is known from then on", async () => {
  const { raw, gateways } = await nine(KEY);
  const one = await raw();
  one.say(introduceRequest(said));
  await one.until("answered", () => one.heard.length === 1);
  const listener = replyIn(one.heard[0]);
  const transcript = { sessionId: one.session.id, dialler: said, listener };
  const key = Buffer.from(KEY, "base64");
  expect(Buffer.from(listener.proof ?? [])).toEqual(proofOf(key, "l", transcript));
  // It tells nobody how far it has come who has not proved that it may know.
  expect([listener.haveEpoch, listener.have]).toEqual([0n, [0, 0, 0, 0]]);
  expect(gateways.peer(5).session).toBeNull();
  one.say(prove(proofOf(key, "d", transcript)));
  await gateways.until("known", () => gateways.peer(5).session !== null);
  expect(gateways.peer(5).sessions[0].introduced).toMatchObject({ firstIndex: 2, isDialled: false });
});

test("neither the listener's own proof, nor one of another session, nor a flipped bit proves anything", async () => {
  const { raw, gateways } = await nine(KEY);
  const key = Buffer.from(KEY, "base64");
  const forgeries: ((session: Uint8Array, listener: Introduction) => Uint8Array)[] = [
    (_, { proof }) => proof ?? new Uint8Array(32),
    (_, listener) => proofOf(key, "d", { sessionId: new Uint8Array(16), dialler: said, listener }),
    (sessionId, listener) =>
      proofOf(key, "d", { sessionId, dialler: said, listener: { ...listener, name: "x" } }),
    (sessionId, listener) => proofOf(Buffer.alloc(32, 4), "d", { sessionId, dialler: said, listener }),
    (sessionId, listener) =>
      proofOf(key, "d", { sessionId, dialler: said, listener }).map((byte, i) =>
        i === 31 ? byte ^ 1 : byte,
      ),
  ];
  for (const [i, forge] of forgeries.entries()) {
    const one = await raw();
    const mine = { ...said, nonce: Buffer.alloc(16, 10 + i) };
    one.say(introduceRequest(mine));
    await one.until("answered", () => one.heard.length === 1);
    one.say(prove(forge(one.session.id, replyIn(one.heard[0]))));
    await one.until("hung up on", () => one.isOver);
    expect([i, one.heard[1]]).toEqual([i, hex(INVALID_AUTH.replace("01010021", "01010121")).toString("hex")]);
  }
  expect(gateways.peer(5).told).toEqual([]);
});

test("who is not known learns no more than who does not prove itself: 32 comes after a proof only", async () => {
  const { raw, gateways } = await nine(KEY);
  gateways.keys.put("6", KEY, "the test");
  const key = Buffer.from(KEY, "base64");
  const answers: string[] = [];
  for (const [i, hostId] of [6n, 7n].entries()) {
    const one = await raw();
    const mine = { ...said, hostId, nonce: Buffer.alloc(16, 20 + i) };
    one.say(introduceRequest(mine));
    await one.until("answered", () => one.heard.length === 1);
    const listener = replyIn(one.heard[0]);
    expect(listener.proof).toHaveLength(32);
    one.say(prove(proofOf(key, "d", { sessionId: one.session.id, dialler: mine, listener })));
    await one.until("hung up on", () => one.isOver);
    answers.push(one.heard[1]);
  }
  // 6 has a key here, and is none of peers.connect; of 7 there is neither.
  const denied = (error: string) => hex(UNKNOWN_HOST.replace("01010020", `010101${error}`)).toString("hex");
  expect(answers).toEqual([denied("20"), denied("21")]);
});

test("an introduction that was here before is refused, also in another session", async () => {
  const { raw, gateways } = await nine();
  const first = await raw();
  first.say(introduceRequest(said));
  await gateways.until("known", () => gateways.peer(5).session !== null);
  const second = await raw();
  second.say(introduceRequest(said));
  await second.until("hung up on", () => second.isOver);
  expect(second.heard).toEqual([hex(INVALID_AUTH.replace("01010021", "01010121")).toString("hex")]);
  expect(gateways.peer(5).told).toEqual(["welcome, listened"]);
});

test("where keys are needed version 0 is denied: it cannot prove one", async () => {
  const { raw } = await nine(KEY);
  const one = await raw();
  one.say(from(5n));
  await one.until("hung up on", () => one.isOver);
  expect(one.heard).toEqual([hex(INVALID_AUTH).toString("hex")]);
});

test("once introduced, another id is denied with 33 and hung up on, the same one is answered", async () => {
  const { raw, gateways } = await nine();
  const one = await raw();
  one.say(introduceRequest(said));
  await gateways.until("known", () => gateways.peer(5).session !== null);
  one.say(from(5n));
  await one.until("answered twice", () => one.heard.length === 2);
  expect(one.heard[1]).toBe(hex(OK).toString("hex"));
  one.say(from(6n));
  await one.until("hung up on", () => one.isOver);
  expect(one.heard[2]).toBe(hex(INVALID_AUTH).toString("hex"));
  expect(gateways.peer(5).told).toEqual([
    "welcome, listened",
    "disconnected",
    "closed: INTRODUCTION_REFUSED",
  ]);
});

test("ids above 2^53 keep every bit", async () => {
  const id = 2n ** 53n + 1n;
  const gateways = new TestGateways(2n ** 64n - 1n, {
    listen: { port: 0 },
    connect: [{ id: String(id), dial: "never" }],
  });
  stops.push(() => gateways.gateways.stop());
  await gateways.gateways.start();
  const one = new RawGateway();
  stops.push(() => one.stop());
  await one.connect(gateways.port);
  one.say(introduceRequest({ ...said, hostId: id }));
  await gateways.until("known", () => gateways.peer(id).session !== null);
  expect(gateways.gateways.view()[0].id).toBe("9007199254740993");
  await one.until("answered", () => one.heard.length === 1);
  expect(replyIn(one.heard[0]).hostId).toBe(18_446_744_073_709_551_615n);
  const other = new RawGateway();
  stops.push(() => other.stop());
  await other.connect(gateways.port);
  other.say(introduceRequest({ ...said, hostId: id - 1n, nonce: Buffer.alloc(16, 9) }));
  await other.until("hung up on", () => other.isOver);
  expect(other.heard[0].slice(0, 16)).toBe("4947001001010120");
});

test("the text that is proved is written out as PROTOCOL.md has it", () => {
  const listener = { ...said, hostId: 9n, name: "nine" };
  const transcript = { sessionId: Buffer.alloc(16, 8), dialler: said, listener };
  const text = Buffer.concat([
    Buffer.from("bowline-1 introduced"),
    Buffer.alloc(16, 8),
    encodeIntroduction(said),
    encodeIntroduction(listener),
  ]);
  const key = Buffer.from(KEY, "base64");
  expect(proofOf(key, "d", transcript)).toEqual(createHmac("sha256", key).update(text).digest());
  // The proof in a reply is not part of it.
  expect(proofOf(key, "d", { ...transcript, listener: { ...listener, proof: new Uint8Array(32) } })).toEqual(
    proofOf(key, "d", transcript),
  );
});
