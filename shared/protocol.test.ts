/**
 * PROTOCOL.md against the code: every byte in it is read and written by the codec, every table is compared with what
 * it tells of. At its end stand the decisions of section 5 that have no test of their own elsewhere.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
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
import { nodeEngine } from "../host/platform/engine.ts";
import { silentLog } from "../host/platform/log.ts";
import { parsePayload } from "../host/platform/payload.ts";
import { UNREADABLE_TYPE } from "../host/platform/read-payload.ts";
import { until } from "../host/platform/testing/until.ts";
import type { Carrier } from "../host/session/carrier.ts";
import { ServerSession } from "../host/session/server-session.ts";
import { nobody } from "../host/session/session-owner.ts";
import { SessionServer } from "../host/session/session-server.ts";
import { nowhere } from "../host/session/wire.ts";
import { OpenSession } from "../host/testing/open-session.ts";
import { openTestStore } from "../host/testing/stores.ts";
import * as frameConstants from "./link/frame.ts";
import type { Link } from "./link/link.ts";
import * as linkConstants from "./link/link.ts";
import { createLink } from "./link/link.ts";
import { breakLink, openLink, receiveChunk } from "./link/receive-frame.ts";
import { flushLink, sendBytes, sendLog, sendRepl } from "./link/send-frame.ts";
import type { BoardHello } from "./message.ts";
import * as messageConstants from "./message.ts";
import * as proofConstants from "./proof.ts";
import { counterBytes, proofText, resumeText } from "./proof.ts";
import { acceptBytes, createAcceptor } from "./session/acceptor.ts";
import { codeNames } from "./session/code-names.ts";
import * as codeConstants from "./session/codes.ts";
import { Code } from "./session/codes.ts";
import * as handshakeConstants from "./session/handshake.ts";
import {
  attachSession,
  closeSession,
  connectSession,
  detachSession,
  tickSession,
} from "./session/lifecycle.ts";
import * as stateConstants from "./session/state.ts";
import { Phase } from "./session/state.ts";
import type { Field, Section } from "./testing/protocol-document.ts";
import {
  documentText,
  hexBlock,
  hexBlockNames,
  jsonLines,
  quotedIn,
  tableRows,
} from "./testing/protocol-document.ts";
import { bytesOf, hexOf, SESSION_ID, Side } from "./testing/side.ts";
import { decodeVarint, encodeVarint, Varint } from "./varint.ts";
import vectors from "./vectors/session.json";

const root = new URL("../", import.meta.url);
const sourceOf = (path: string) => readFileSync(new URL(path, root), "utf8");
const unescaped = (hex: string) => hexOf(unescapedBytes(bytesOf(hex)));
const annotated = (section: Section, name: string) =>
  section.fields.find((field) => field.name === name)?.value;

function unescapedBytes(bytes: Uint8Array): Uint8Array {
  const latin = Buffer.from(bytes).toString("latin1");
  return Buffer.from(latin.replaceAll("\xdb\xdc", "\xc0").replaceAll("\xdb\xdd", "\xdb"), "latin1");
}

/** A const enum as the module that declares it holds it: names with numbers. */
function membersOf(module: object, name: string): Record<string, number> {
  const members = Object.entries((module as Record<string, Record<string, unknown>>)[name]);
  return Object.fromEntries(
    members.filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

describe("varint (section 1)", () => {
  const varint = (hex: string) => decodeVarint(bytesOf(hex), 0, bytesOf(hex).length);

  test.each(tableRows("value", "shortest form"))("%s is %s, both ways", (value, cell) => {
    const [hex] = quotedIn(cell);
    const written = new Uint8Array(9);
    const size = encodeVarint(written, 0, Number(value));
    expect(varint(hex)).toBe(Number(value));
    expect(hexOf(written.slice(0, size))).toBe(hex.replaceAll(" ", ""));
  });

  test("the long form and the numbers out of range are read as the text says", () => {
    const sentence = documentText.split("\n").find((line) => line.startsWith("Write the shortest form"))!;
    const [long, , ...above] = quotedIn(sentence);
    expect(varint(long)).toBe(1);
    expect(above.map(varint)).toEqual([Varint.RANGE, Varint.RANGE]);
  });
});

describe("hex blocks", () => {
  const known = ["frames", "handshakes", "packets", "resume", "payloads", "proofs"];

  test("each has a test below, or in host/iotgw/protocol.test.ts", () => {
    expect([...hexBlockNames]).toEqual([...known, "iotgw", "bodies"]);
  });

  /** What the bytes of a field say, in the form its annotation has. */
  function meaningOf({ hex, name, value }: Field): string {
    const bytes = bytesOf(hex);
    if (name === "crc") return hexOf(unescapedBytes(bytes).slice().reverse());
    if (value.startsWith('"')) return JSON.stringify(Buffer.from(bytes).toString("latin1"));
    if (name === "payload") return unescaped(hex);
    if (name === "counter") return String(Buffer.from(bytes).readUInt32BE());
    if (/^\d+$/.test(value))
      return String(bytes.length === 1 ? bytes[0] : decodeVarint(bytes, 0, bytes.length));
    return Buffer.from(bytes).toString("latin1");
  }

  const fields = known.flatMap((name) => hexBlock(name).flatMap((section) => section.fields));
  const told = fields.filter(({ name, value }) => value !== "" && name !== "packet");
  test.each(told)("$hex is $name $value", (field) => {
    expect(meaningOf(field)).toBe(field.value);
  });
});

class End {
  readonly link: Link;
  readonly heard: string[] = [];
  private out: Uint8Array[] = [];

  constructor(isBoard: boolean, id: number) {
    const hex = (bytes: Uint8Array, start: number, end: number) => hexOf(bytes.slice(start, end));
    this.link = createLink(
      isBoard,
      id,
      nodeEngine,
      {
        onWrite: (bytes, start, end) => this.out.push(bytes.slice(start, end)),
        onOpened: () => this.heard.push(isBoard ? "ACK" : "OPEN"),
        onBroken: (reason) => this.heard.push(`RESET ${reason.toString(16)}`),
        onData: (bytes, start, end) => this.heard.push(`DATA ${hex(bytes, start, end)}`),
        onLog: (bytes, start, end) => this.heard.push(`LOG ${hex(bytes, start, end)}`),
        onRepl: () => this.heard.push("REPL"),
      },
      new Uint8Array(4096),
      256,
    );
  }

  take(): string {
    const all = hexOf(Buffer.concat(this.out));
    this.out = [];
    return all;
  }
}

describe("the serial link (section 2)", () => {
  const sections = hexBlock("frames");
  const { FrameType, Break } = {
    FrameType: membersOf(frameConstants, "FrameType"),
    Break: membersOf(frameConstants, "Break"),
  };
  const typeOf = ({ title }: Section) => title.split(":")[0];
  const payloadOf = (section: Section) =>
    unescaped(
      section.fields
        .filter(({ name }) => name === "payload" || name === "reason")
        .map(({ hex }) => hex)
        .join(""),
    );

  test("the frames of the document are one conversation, written and understood by the code", () => {
    const board = new End(true, 0x59);
    const gateway = new End(false, 0);
    for (const side of [board, gateway]) {
      const section = sections.find((s) => typeOf(s) === (side === board ? "OPEN" : "ACK"))!;
      side.link.rx = Number(annotated(section, "rx"));
      side.link.max = Number(annotated(section, "max"));
    }
    const say: Record<string, (payload: Uint8Array) => void> = {
      OPEN: () => openLink(board.link, 0),
      ACK: () => {}, // said when the gateway heard OPEN
      DATA: (payload) => {
        sendBytes(board.link, payload, 0, payload.length, 0);
        flushLink(board.link, 0);
      },
      LOG: (payload) => sendLog(board.link, payload, 0),
      RESET: ([reason]) => breakLink(board.link, reason, 0),
      REPL: () => sendRepl(gateway.link, 0),
    };
    for (const section of sections) {
      const type = typeOf(section);
      const payload = payloadOf(section);
      const [speaker, hearer] = type === "ACK" || type === "REPL" ? [gateway, board] : [board, gateway];
      say[type](bytesOf(payload));
      const said = speaker.take();
      const front = type === "DATA" ? "" : "c0";
      expect(said.slice(0, front.length + section.hex.length), section.title).toBe(front + section.hex);
      receiveChunk(hearer.link, bytesOf(section.hex), 0);
      expect(hearer.heard.at(-1), section.title).toBe(payload === "" ? type : `${type} ${payload}`);
    }
    expect([gateway.link.peerRx, gateway.link.peerMax]).toEqual([768, 256]);
    expect([board.link.peerRx, board.link.peerMax]).toEqual([16384, 16375]);
    expect([board.link.noise, gateway.link.noise]).toEqual([0, 0]);
  });

  test("every type of frame has its example and its row, with letter and byte", () => {
    expect(new Set(sections.map(typeOf))).toEqual(new Set(Object.keys(FrameType)));
    const rows = tableRows("type", "name").map(([byte, name]) => [name.split(/\W/)[0], byte]);
    expect(Object.fromEntries(rows)).toEqual(lettersOf(FrameType));
  });

  test("every reason of a break has its row, with letter and byte (section 6)", () => {
    const rows = tableRows("letter", "name").map(([byte, name]) => [name, byte]);
    expect(Object.fromEntries(rows)).toEqual(lettersOf(Break));
  });

  test("the silence that gives up a partial frame is the default", () => {
    expect(documentText).toContain(`nothing more for ${new End(true, 0).link.interByteTimeout} ms`);
  });

  const lettersOf = (members: Record<string, number>) =>
    Object.fromEntries(
      Object.entries(members).map(([name, byte]) => [
        name,
        `\`${String.fromCharCode(byte)}\` ${byte.toString(16)}`,
      ]),
    );
});

/** A new connection between the two: what the client asked and what the server answered. */
function join(client: Side, server: Side): { request: string; answer: string } {
  detachSession(client.session, 0);
  detachSession(server.session, 0);
  connectSession(client.session, 0);
  const request = client.take();
  const acceptor = createAcceptor(
    {
      onOutput: () => {},
      onRequest: (_, start, end) => {
        attachSession(server.session, start === end, 0);
        return true;
      },
      onRefused: () => 0,
      onDisconnect: () => {},
    },
    0,
  );
  const at = acceptBytes(acceptor, request, 0, request.length, 0);
  const answer = server.take();
  server.hear(request.slice(at));
  client.hear(answer);
  return { request: hexOf(request), answer: hexOf(answer) };
}

/** Carries bytes both ways until nobody says anything more. */
function settle(client: Side, server: Side): void {
  for (;;) {
    const [up, down] = [client.take(), server.take()];
    if (up.length + down.length === 0) return;
    server.hear(up);
    client.hear(down);
  }
}

/** What a server says that refuses: another version, or every id. */
function refusalOf(request: string): string {
  let said = "";
  const onOutput = (bytes: Uint8Array, start: number, end: number) => {
    said += hexOf(bytes.slice(start, end));
  };
  const acceptor = createAcceptor(
    { onOutput, onRequest: () => false, onRefused: () => 0, onDisconnect: () => {} },
    0,
  );
  acceptBytes(acceptor, bytesOf(request), 0, request.length / 2, 0);
  return said;
}

const pair = () => ({ client: new Side({ isClient: true }), server: new Side({ isClient: false }) });

describe("the session (section 3)", () => {
  const hexNamed = (block: string, title: string) => hexBlock(block).find((s) => s.title === title)!.hex;
  const handshake = (title: string) => hexNamed("handshakes", title);

  test("a new session begins as in the document", () => {
    const { client, server } = pair();
    const first = join(client, server);
    expect(first.request).toBe(handshake("client: new"));
    expect(first.answer).toBe(handshake("server: new"));
    expect(hexOf(client.session.id)).toBe(hexOf(SESSION_ID));
    expect([client.session.phase, server.session.phase]).toEqual([Phase.OPEN, Phase.OPEN]);
  });

  test.each([
    ["server: unknown session", hexNamed("resume", "client"), Code.SESSION_UNKNOWN],
    ["server: version refused", "020000", Code.VERSION_UNSUPPORTED],
  ])("%s", (title, request, code) => {
    expect(refusalOf(request)).toBe(handshake(title));
    const { client, server } = pair();
    join(client, server);
    detachSession(client.session, 0);
    connectSession(client.session, 0);
    client.hear(handshake(title));
    expect(client.closed).toBe(code);
  });

  test("data, sync, heartbeat and close are said and understood as in the document", () => {
    const { client, server } = pair();
    join(client, server);
    const packet = (title: string) => hexNamed("packets", title);
    client.send(packet("data").slice(2));
    expect(client.takeHex()).toBe(packet("data"));
    server.hear(packet("data"));
    expect(server.packets).toEqual([packet("data").slice(2)]);
    server.take();
    server.hear(packet("data").repeat(5));
    expect(server.takeHex()).toBe(packet("sync"));
    tickSession(server.session, 5000);
    expect(server.takeHex()).toBe(packet("heartbeat"));
    client.hear(packet("heartbeat"));
    closeSession(client.session, 0);
    expect(client.takeHex()).toBe(packet("close"));
    server.hear(packet("close"));
    expect(server.takeHex()).toBe(packet("close"));
    expect(server.closed).toBe(Code.CLOSED);
    expect([...hexBlock("packets")].map(({ title }) => title)).toEqual([
      "data",
      "sync",
      "heartbeat",
      "close",
    ]);
  });

  test("the resume of the document, skipped packets and slow start included", () => {
    const { client, server } = pair();
    join(client, server);
    const packet = (n: number) => (0x60 + n).toString(16);
    for (let n = 0; n < 10; n++) client.send(packet(n));
    settle(client, server);
    for (let n = 10; n < 15; n++) client.send(packet(n));
    server.hear(client.take());
    expect(server.takeHex()).toBe("0005"); // lost with the line
    expect([client.acknowledged, server.packets.length]).toEqual([10, 15]);
    detachSession(client.session, 0);
    client.send(packet(15));
    const [request, answer, ...steps] = hexBlock("resume");
    expect(join(client, server)).toEqual({ request: request.hex, answer: answer.hex });
    for (const { title, hex } of steps) {
      const [speaker, hearer] = title === "client" ? [client, server] : [server, client];
      expect(speaker.takeHex()).toBe(hex);
      hearer.hear(hex);
    }
    expect(server.session.skipped).toBe(5);
    expect(server.packets.slice(15)).toEqual([packet(15)]);
    expect(client.acknowledged).toBe(16);
  });

  test("the table of states names every phase of the code, and no other", () => {
    const rows = tableRows("state", "event").filter(([, , , next]) => next !== "CLOSED" && next !== "same");
    const named = rows.flatMap(([state, , , next]) => [...state.split(", "), next]);
    const phases = Object.keys(membersOf(stateConstants, "Phase"));
    for (const phase of phases) expect(named).toContain(phase);
    const link = ["CLOSED", "OPEN", "board", "gateway", "any"];
    expect(named.filter((name) => !phases.includes(name) && !link.includes(name))).toEqual([]);
  });

  test("the defaults are those of the code", () => {
    const defaults = Object.fromEntries(tableRows("what", "default").map(([what, value]) => [what, value]));
    const { session } = new Side({ isClient: false });
    expect(defaults["`syncIntervalMin`"]).toBe(`${session.syncIntervalMin} ms`);
    expect(defaults["`syncIntervalMax`"]).toBe(`${session.syncIntervalMax} ms; 2000 ms on a cable`);
    expect(defaults["`sessionExpire`"]).toBe(`${session.sessionExpire} s`);
    expect(sourceOf("host/config/schema.ts")).toMatch(
      /syncIntervalMaxMs: whole\([\d_, ]+\)\s*\.default\(2000\)/,
    );
    expect(sourceOf("host/config/schema.ts")).toMatch(
      /maxPacketBytes: whole\(256, 16_777_216\)\.default\(65_536\)/,
    );
  });
});

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

describe("decisions (section 5)", () => {
  const rows = tableRows("#", "question");

  test("D1…D18 are all there, once, then those of link and hello", () => {
    const ids = rows.map(([id]) => id);
    expect(ids.filter((id) => id.startsWith("D"))).toEqual(Array.from({ length: 18 }, (_, i) => `D${i + 1}`));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(rows)("%s: %s has a reason, and a test that is there", (_, __, reason, where) => {
    const [, path, words] = /^`([^`]+)` "([^"]+)"$/.exec(where) ?? [];
    expect(reason.length).toBeGreaterThan(20);
    expect(path, where).toMatch(/\.test\.ts$/);
    expect(existsSync(new URL(path, root)), path).toBe(true);
    const titles = sourceOf(path).match(/(?:test|describe)(?:\.each\([\s\S]*?\])?\)?\(\s*["'`].*/g) ?? [];
    expect(
      titles.some((title) => title.includes(words)),
      `a test ${words} in ${path}`,
    ).toBe(true);
  });
});

describe("codes (section 6)", () => {
  const rows = tableRows("code", "name");

  test("every code has exactly one row, with its number, and no row is without a code", () => {
    const inDocument = rows.map(([code, name]) => [name, Number(code)]);
    const inCode = Object.entries(membersOf(codeConstants, "Code"));
    expect(inDocument).toEqual(inCode);
    expect(Object.entries(codeNames)).toEqual(inCode);
  });

  test.each(rows)("%s %s says who raises it, what ends, and what a person does", (...cells) => {
    expect(cells.length).toBe(6);
    for (const cell of cells) expect(cell).not.toBe("");
  });
});

describe("limits (section 7)", () => {
  const rows = tableRows("name", "value");
  const enums: [object, string][] = [
    [frameConstants, "Slip"],
    [frameConstants, "Frame"],
    [linkConstants, "LinkLimit"],
    [handshakeConstants, "Handshake"],
    [stateConstants, "Limit"],
    [messageConstants, "Payload"],
    [proofConstants, "Proof"],
  ];

  test.each(enums)("of the code $1: every one has its row, and the same value", (module, name) => {
    const members = Object.entries(membersOf(module, name)).filter(([member]) => member !== "NONE");
    const documented = rows.filter(([row]) => row.startsWith(`${name}.`));
    expect(Object.fromEntries(documented.map(([row, value]) => [row, Number(value)]))).toEqual(
      Object.fromEntries(members.map(([member, value]) => [`${name}.${member}`, value])),
    );
  });

  test.each(rows)("%s is %s in %s", (name, value, cell) => {
    const [path] = quotedIn(cell);
    const member = name.split(".").at(-1);
    const [, found] = new RegExp(`\\b${member} = ([0-9a-fx_]+)[,;]`).exec(sourceOf(path)) ?? [];
    expect(Number(found?.replaceAll("_", "")), `${member} in ${path}`).toBe(Number(value));
  });
});

describe("vectors (section 9)", () => {
  test("the table names every list of the file, and every key of its entries", () => {
    const lists = Object.entries(vectors).filter(([, list]) => Array.isArray(list));
    const rows = tableRows("key", "what").map(([key, what]) => [...quotedIn(key), ...quotedIn(what)]);
    expect(rows.map(([key]) => key)).toEqual(lists.map(([key]) => key));
    lists.forEach(([, list], i) => {
      const keys = new Set((list as object[]).flatMap((entry) => Object.keys(entry)));
      for (const key of rows[i].slice(1)) expect(keys).toContain(key);
    });
  });
});

/** A connection on which nothing travels. */
class IdleCarrier implements Carrier {
  readonly remoteAddress = "";
  readonly wire = nowhere;
  readonly gathered = 0;
  dropped: Code | 0 = 0;
  constructor(readonly name: string) {}
  output(): void {}
  settle(): void {}
  settleNow(): void {}
  drop(code: Code): void {
    this.dropped = code;
  }
}

describe("decisions that have no test elsewhere", () => {
  const clock = { now: () => 0, wall: () => 0 };
  const newServer = () => new SessionServer(settings, clock, () => nobody);

  test("D7: ids are 16 bytes, never twice the same, and one that is not known has no session", () => {
    const server = newServer();
    const ids = Array.from({ length: 50 }, () => server.create(new IdleCarrier("a"), {})!.id);
    expect(new Set(ids.map(hexOf)).size).toBe(50);
    expect(ids.every((id) => id.length === 16)).toBe(true);
    const carrier = new IdleCarrier("b");
    expect(server.resume(new Uint8Array(16), carrier)).toBe(null);
    expect(server.resume(Uint8Array.of(...ids[0], ...new Uint8Array(16)), carrier)).toBe(null);
    expect(refusalOf(`0121${"00".repeat(33)}`)).toBe("02"); // longer than any id
  });

  test("D8: a refused connection is held 500…3000 ms, and not at all when 100 are", () => {
    const server = newServer();
    const delays = Array.from({ length: 100 }, () => server.holdRefused());
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...delays)).toBeLessThanOrEqual(3000);
    expect(server.holdRefused()).toBe(0);
    server.releaseRefused();
    expect(server.holdRefused()).toBeGreaterThan(0);
  });

  test("D10: the newest connection wins, and the older one's late end is ignored", () => {
    const server = newServer();
    const [older, newer] = [new IdleCarrier("older"), new IdleCarrier("newer")];
    const session = server.create(older, {})!;
    expect(server.resume(session.id, newer)).toBe(session);
    expect([older.dropped, newer.dropped]).toEqual([Code.REPLACED, 0]);
    session.detach(older);
    expect(session.carrier).toBe(newer);
    expect(session.session.phase).toBe(Phase.STATE);
  });

  test("D15: no wall clock in the codec, and the firmware never sets the board's", () => {
    const sources = (folder: string) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|^testing|\.d\.ts$/.test(path))
        .map((path) => `${folder}/${path}`);
    for (const path of sources("shared"))
      expect(sourceOf(path), path).not.toMatch(/\bDate\b|getTime|performance\./);
    for (const path of sources("device")) expect(sourceOf(path), path).not.toMatch(/\bsetTime\(/);
  });

  test("D18: a sync with a count is a heartbeat", () => {
    const { client, server } = pair();
    join(client, server);
    server.send("61");
    server.hear("0001", 9000);
    tickSession(server.session, 10_000);
    expect(server.disconnected).toBe(0);
    tickSession(server.session, 19_000);
    expect(server.disconnected).toBe(Code.DEAD);
  });
});
