/** PROTOCOL.md against the code: hello and messages (section 4), and the proofs of both sides (section 4.4). */
import { describe, expect, test } from "vitest";
import { Admission } from "../host/admission/admission.ts";
import { type KeyStore, openKeys } from "../host/admission/key-store.ts";
import { byteString, mac } from "../host/admission/mac.ts";
import { Pairing } from "../host/admission/pairing.ts";
import { DevicePeer } from "../host/peers/device-peer.ts";
import { parseHello } from "../host/peers/hello.ts";
import { Outbound } from "../host/peers/outbound.ts";
import type { PeerContext } from "../host/peers/peer-context.ts";
import { RequestBook } from "../host/peers/request-book.ts";
import { Requests } from "../host/peers/requests.ts";
import { silentLog } from "../host/platform/log.ts";
import { parsePayload } from "../host/platform/payload.ts";
import { UNREADABLE_TYPE } from "../host/platform/read-payload.ts";
import { until } from "../host/platform/testing/until.ts";
import { ServerSession } from "../host/session/server-session.ts";
import { nowhere } from "../host/session/wire.ts";
import { OpenSession } from "../host/testing/open-session.ts";
import { openTestStore } from "../host/testing/stores.ts";
import type { BoardHello } from "./message.ts";
import * as messageConstants from "./message.ts";
import { counterBytes, proofText, resumeText } from "./proof.ts";
import { connectSession } from "./session/lifecycle.ts";
import { join, pair } from "./testing/joined-sides.ts";
import { annotated } from "./testing/protocol-bytes.ts";
import type { Section } from "./testing/protocol-document.ts";
import { documentText, hexBlock, jsonLines, quotedIn, tableRows } from "./testing/protocol-document.ts";
import { bytesOf, hexOf, SESSION_ID, Side } from "./testing/side.ts";

const [boardHello, gatewayHello] = jsonLines("hellos");
const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65536 };

/** The hello with which a gateway like the document's answers a board. */
async function answerTo(hello: BoardHello, id: string): Promise<string> {
  const said = JSON.parse(gatewayHello).hello;
  const clock = { now: () => 0, wall: () => said.t };
  const store = Object.assign(await openTestStore(), { epoch: said.epoch });
  const context: PeerContext = {
    id,
    store,
    book: new RequestBook(store, clock),
    clock,
    log: silentLog,
    onMessage: () => {},
    onChange: () => {},
  };
  const session = new ServerSession(SESSION_ID, 1, settings, clock, () => {});
  expect(new DevicePeer(hello.id, context).welcome(session, hello)).toBe(0);
  const { bytes, head, tail } = session.session.slot;
  return Buffer.from(bytes.slice(head, tail))
    .toString()
    .replace(/^[^{]*/, "");
}

describe("hello and messages (section 4)", () => {
  const parse = (hex: string) => parsePayload(bytesOf(hex), 0, hex.length / 2);

  test("the board's hello is understood whole, the gateway's is what the gateway answers to it", async () => {
    const bytes = Buffer.from(boardHello);
    const hello = parseHello(bytes, 0, bytes.length);
    expect(hello).toEqual(JSON.parse(boardHello).hello);
    const { id } = JSON.parse(gatewayHello).hello;
    expect(JSON.parse(await answerTo(hello as BoardHello, id))).toEqual(JSON.parse(gatewayHello));
  });

  test("the table of fields has those of both hellos, and no other", () => {
    const rows = tableRows("field", "from").flatMap(([names, from]) =>
      quotedIn(names).map((name) => [name, from]),
    );
    const fieldsOf = (speaker: string) =>
      rows.filter(([, from]) => from === speaker || from === "both").map(([name]) => name);
    expect(fieldsOf("board").sort()).toEqual(Object.keys(JSON.parse(boardHello).hello).sort());
    expect(fieldsOf("gateway").sort()).toEqual(Object.keys(JSON.parse(gatewayHello).hello).sort());
  });

  test("H5: hellos stay within 256 bytes, whatever the ids, when caps is empty", async () => {
    const long = { id: "b".repeat(63), caps: [], seq: 2 ** 32, nonce: "ICEiIyQlJicoKSorLC0uLw==" };
    const hello: BoardHello = { ...JSON.parse(boardHello).hello, ...long };
    expect(JSON.stringify({ hello }).length).toBeLessThanOrEqual(messageConstants.Payload.MAX_HELLO);
    expect((await answerTo(hello, "g".repeat(64))).length).toBeLessThanOrEqual(
      messageConstants.Payload.MAX_HELLO,
    );
  });

  test("datum, request, reply and cancel are read and written as in the document", async () => {
    const [datum, request, reply, cancel] = jsonLines("messages");
    for (const line of [datum, request, reply, cancel]) {
      expect(parse(hexOf(Buffer.from(line)))).toEqual(JSON.parse(line));
    }
    const { rq, ...message } = JSON.parse(request);
    const clock = { now: () => 0, wall: () => (rq - 1) * 1000 };
    const begin = async () => {
      const store = await openTestStore();
      const book = new RequestBook(store, clock);
      await book.load();
      const outbound = new Outbound("b-1", store, book, clock, () => ({}));
      const session = new OpenSession();
      outbound.open(session, false);
      return { requests: new Requests("b-1", book, () => 65_536, outbound), session };
    };
    const first = await begin();
    const asked = await first.requests.add(message, 10_000, 0);
    await until(() => expect(first.session.sent).toEqual([request]));
    first.requests.answer(JSON.parse(reply));
    expect(await asked.outcome).toEqual({ outcome: "delivered", reply: JSON.parse(reply) });
    const second = await begin();
    const abort = new AbortController();
    const given = await second.requests.add(message, 10_000, 0, { signal: abort.signal });
    await until(() => expect(second.session.sent).toEqual([request]));
    abort.abort();
    expect(await given.outcome).toEqual({ outcome: "cancelled" });
    await until(() => expect(second.session.sent).toEqual([request, cancel]));
  });

  test("blob, unreadable and empty payloads are packets, and handed on as the text says", () => {
    const { client, server } = pair();
    join(client, server);
    const sections = hexBlock("payloads");
    for (const { hex } of sections) server.hear(hex);
    const [blob, unreadable, empty] = server.packets.map(parse);
    const type = JSON.parse(annotated(sections[0], "type")!);
    const data = sections[0].fields.find(({ name }) => name === "data")!.hex;
    expect(blob).toEqual({ ot: type, blob: Buffer.from(data, "hex").toString("base64") });
    expect(unreadable).toMatchObject({ ot: UNREADABLE_TYPE, err: expect.any(String), blob: "QGE=" });
    expect(documentText).toContain(`\`${UNREADABLE_TYPE}\``);
    expect(empty).toBe(null);
    expect(server.packets.length).toBe(3);
  });
});

describe("proof (section 4.4)", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const sections = hexBlock("proofs");
  const hexIn = (section: Section, name: string) => section.fields.find((field) => field.name === name)!.hex;
  const textIn = (section: Section, name: string) => byteString(bytesOf(hexIn(section, name)));
  const [gateway, board, resume, request] = sections;

  test.each([
    ["g", gateway],
    ["b", board],
  ])("role %s proves with the bytes of the document", (role, section) => {
    const names = ["gatewayNonce", "boardNonce", "sessionId", "boardId", "gatewayId"] as const;
    const [ours, theirs, session, boardId, gatewayId] = names.map((name) => textIn(section, name));
    const text = proofText(role, ours, theirs, session, boardId, gatewayId);
    const mine = section.fields.filter(({ name }) => name !== "hmac").map(({ hex }) => hex);
    expect(hexOf(Buffer.from(text, "latin1"))).toBe(mine.join(""));
    expect(hexOf(mac(key, text))).toBe(hexIn(section, "hmac"));
  });

  test("the packets carry those proofs and nonces in base64", () => {
    const [first, second] = jsonLines("proofs").map((line) => JSON.parse(line));
    const inBase64 = (section: Section, name: string) =>
      Buffer.from(bytesOf(hexIn(section, name))).toString("base64");
    expect(first.hello).toEqual({
      nonce: inBase64(gateway, "gatewayNonce"),
      proof: inBase64(gateway, "hmac"),
    });
    expect(second).toEqual({ proof: inBase64(board, "hmac") });
  });

  test("a request with a proof is written as in the document, and taken once", () => {
    const counter = counterBytes(Number(annotated(resume, "counter")));
    const id = textIn(resume, "sessionId");
    const proof = mac(key, resumeText(id, counter));
    expect(hexOf(proof)).toBe(hexIn(resume, "hmac"));
    const client = new Side({ isClient: true, id: SESSION_ID });
    client.session.acknowledged = 10;
    client.session.resumeId = () =>
      Buffer.concat([SESSION_ID, Buffer.from(counter, "latin1"), proof.subarray(0, 12)]);
    connectSession(client.session, 0);
    expect(client.takeHex()).toBe(request.hex);
    const keys: KeyStore = { ...openKeys("memory"), get: () => Buffer.from(key), isEmpty: false };
    const clock = { now: () => 0, wall: () => 0 };
    const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: false, isLoopback: false });
    const session = new ServerSession(SESSION_ID, 1, settings, clock, () => {});
    session.device = "pico-30003b";
    const shown = bytesOf(request.hex).slice(2, 34);
    expect(admission.mayResume(session, shown, nowhere)).toBe(true);
    expect(admission.mayResume(session, shown, nowhere)).toBe(false);
  });

  test("the longest hello of a gateway that proves itself fits its limit", async () => {
    const hello = {
      ...JSON.parse(boardHello).hello,
      id: "b".repeat(63),
      seq: 2 ** 32,
      nonce: "x".repeat(24),
    };
    const answer = JSON.parse(await answerTo(hello, "g".repeat(64)));
    Object.assign(answer.hello, { seq: 2 ** 32, nonce: "x".repeat(24), proof: "y".repeat(44) });
    expect(JSON.stringify(answer).length).toBeLessThanOrEqual(messageConstants.Payload.MAX_PROVING_HELLO);
  });
});
