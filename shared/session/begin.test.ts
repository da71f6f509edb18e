/** How a session begins, and how one is gone on with (session §1, §2). */
import { describe, expect, test } from "vitest";
import { message, openClient, SERVER_STATE } from "../testing/open-sides.ts";
import { bytesOf, hexOf, SESSION_ID, Side } from "../testing/side.ts";
import vectors from "../vectors/session.json";
import { Code } from "./codes.ts";
import {
  createHead,
  HeadStatus,
  readClientState,
  readReply,
  readRequest,
  readServerState,
} from "./handshake.ts";
import { attachSession, connectSession, detachSession, sessionDeadline, tickSession } from "./lifecycle.ts";
import { Phase } from "./state.ts";

describe("handshake and state (session §1, §2)", () => {
  test("a client asks for a new session and states its start in one go", () => {
    const client = new Side({ isClient: true });
    connectSession(client.session, 0);
    expect(client.takeHex()).toBe(`${message("new session request")}00`);
  });

  test("a server answers a new session with its id and its state", () => {
    const server = new Side({ isClient: false });
    server.session.syncIntervalMin = 100;
    server.session.sessionExpire = 60;
    attachSession(server.session, true, 0);
    expect(server.takeHex()).toBe(`${message("new session accepted")}${SERVER_STATE}`);
  });

  test("the client takes id, intervals and expiry from the server, wherever the bytes are cut", () => {
    const bytes = bytesOf(`${message("new session accepted")}${SERVER_STATE}03616263`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const client = new Side({ isClient: true });
      connectSession(client.session, 0);
      client.hear(bytes.slice(0, cut));
      client.hear(bytes.slice(cut));
      expect(hexOf(client.session.id)).toBe(hexOf(SESSION_ID));
      expect(client.session.syncIntervalMin).toBe(100);
      expect(client.session.syncIntervalMax).toBe(5000);
      expect(client.session.sessionExpire).toBe(60);
      expect(client.packets).toEqual(["616263"]);
      expect(client.events).toEqual(["opened"]);
    }
  });

  test("a client resumes with its id and what was acknowledged", () => {
    const client = openClient();
    for (let i = 0; i < 12; i++) client.send("aa");
    client.hear("0004"); // slow start: 4 were on their way
    client.hear("0006");
    detachSession(client.session, 1000);
    client.take();
    connectSession(client.session, 1000);
    expect(client.takeHex()).toBe(`${message("resume request")}0a`);
    client.hear(`${message("resume accepted")}0064f90a983c`, 1000);
    expect(client.takeHex()).toBe("01aa01aa");
    expect(client.events).toEqual(["opened", "resumed"]);
  });

  test("code 2 ends the session for good, code 1 too, and a code above 2 is the peer's fault", () => {
    for (const [hex, code] of [
      ["02", Code.SESSION_UNKNOWN],
      ["01", Code.VERSION_UNSUPPORTED],
    ] as const) {
      const client = openClient();
      detachSession(client.session, 1);
      connectSession(client.session, 2);
      client.hear(hex, 3);
      expect(client.closed).toBe(code);
      expect(client.disconnected).toBe(code);
    }
    const client = openClient();
    detachSession(client.session, 1);
    connectSession(client.session, 2);
    client.hear("03", 3);
    expect(client.disconnected).toBe(Code.HANDSHAKE_CODE);
    expect(client.closed).toBe(0);
  });

  test.each([
    ["000000000a", "intervals of 0"],
    ["0078643c", "the shortest interval above the longest"],
  ])("a server state %s (%s) is refused", (state) => {
    const client = new Side({ isClient: true });
    connectSession(client.session, 0);
    client.hear(`${message("new session accepted")}${state}`);
    expect(client.disconnected).toBe(Code.STATE_RANGE);
  });

  test("a handshake that never comes is given up after 5 s", () => {
    const client = new Side({ isClient: true });
    connectSession(client.session, 10);
    expect(sessionDeadline(client.session)).toBe(5010);
    tickSession(client.session, 5009);
    expect(client.disconnected).toBe(0);
    tickSession(client.session, 5010);
    expect(client.disconnected).toBe(Code.HANDSHAKE_TIMEOUT);
    expect(client.session.phase).toBe(Phase.DETACHED);
  });

  const readers = {
    "new session request": readRequest,
    "resume request": readRequest,
    "new session accepted": (h: ReturnType<typeof createHead>) => readReply(h, true),
    "resume accepted": (h: ReturnType<typeof createHead>) => readReply(h, false),
    "state from the client, nothing sent yet": readClientState,
    "state from the client, 10 acknowledged": readClientState,
    "state from the server": readServerState,
  };
  test.each(Object.entries(readers))("%s: whole at its last byte, and not before", (name, read) => {
    const vector = vectors.messages.find((m) => m.name === name)!;
    const bytes = bytesOf(vector.hex);
    const head = createHead();
    for (const byte of bytes.subarray(0, -1)) {
      head.bytes[head.have++] = byte;
      expect(read(head)).toBe(HeadStatus.MORE);
    }
    head.bytes[head.have++] = bytes[bytes.length - 1];
    expect(read(head)).toBe(HeadStatus.WHOLE);
    const fields = vector.fields as Record<string, unknown>;
    if ("sessID" in fields) expect(hexOf(head.bytes.slice(head.idStart, head.idEnd))).toBe(fields.sessID);
    if ("startPacketIndex" in fields) expect(head.start).toBe(fields.startPacketIndex);
    if ("syncIntervalMin" in fields) {
      expect([head.min, head.max, head.expire]).toEqual([
        fields.syncIntervalMin,
        fields.syncIntervalMax,
        fields.sessionExpire,
      ]);
    }
  });
});
