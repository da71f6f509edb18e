import { describe, expect, test } from "vitest";
import { bytesOf, hexOf, SESSION_ID, Side } from "../testing/side.ts";
import vectors from "../vectors/session.json";
import { codeNames } from "./code-names.ts";
import { Code } from "./codes.ts";
import {
  createHead,
  HeadStatus,
  readClientState,
  readReply,
  readRequest,
  readServerState,
} from "./handshake.ts";
import {
  attachSession,
  bindSendBuffer,
  closeSession,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "./lifecycle.ts";
import { pump } from "./pump.ts";
import { acceptPackets } from "./receive.ts";
import { appendPacket, Refused } from "./send-buffer.ts";
import { Phase } from "./state.ts";

const message = (name: string) => {
  const found = vectors.messages.find((m) => m.name === name);
  if (!found) throw new Error(`no vector named ${name}`);
  return found.hex;
};
const SERVER_STATE = "0064f90a983c"; // start 0, 100 ms, 5000 ms, 60 s

/** A server with a connection that has come as far as OPEN. */
function openServer(options = {}): Side {
  const server = new Side({ isClient: false, ...options });
  server.session.syncIntervalMin = 100;
  server.session.sessionExpire = 60;
  attachSession(server.session, true, 0);
  server.hear("00", 0);
  expect(server.session.phase).toBe(Phase.OPEN);
  server.take();
  return server;
}

function openClient(options = {}): Side {
  const client = new Side({ isClient: true, ...options });
  connectSession(client.session, 0);
  client.hear(`${message("new session accepted")}${SERVER_STATE}`, 0);
  client.take();
  return client;
}

/** The connection breaks and a new one comes; the client says it starts at `start`. */
function reattach(server: Side, start: string, now: number): void {
  detachSession(server.session, now);
  attachSession(server.session, false, now);
  server.take();
  server.hear(start, now);
}

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

describe("packets (session §3, §4)", () => {
  const bytes = bytesOf(message("two data packets, a sync and a heartbeat back to back"));
  test("data, sync and heartbeat in one run, cut anywhere and with bytes left over", () => {
    for (let a = 0; a <= bytes.length; a++) {
      for (let b = a; b <= bytes.length; b++) {
        const server = openServer();
        server.send("01");
        server.send("02");
        server.hear(bytes.slice(0, a));
        server.hear(bytes.slice(a, b));
        server.hear(bytes.slice(b));
        expect(server.packets).toEqual(["61", "6262"]);
        expect(server.acknowledged).toBe(2);
        server.hear("03"); // the beginning of another
        expect(server.packets.length).toBe(2);
        server.hear("616263");
        expect(server.packets[2]).toBe("616263");
      }
    }
  });

  test.each(["data packet of 3 bytes", "data packet of 240 bytes", "data packet of 241 bytes"])(
    "%s is sent and read as in the vector, cut at every byte",
    (name) => {
      const hex = message(name);
      const vector = vectors.messages.find((m) => m.name === name)!;
      const size = (vector.fields as { packetSize: number }).packetSize;
      const data = bytesOf(hex).slice(-size);
      const sender = openServer();
      sender.send(data);
      expect(sender.takeHex()).toBe(hex);
      const whole = bytesOf(hex);
      for (let cut = 0; cut <= whole.length; cut++) {
        const receiver = openServer();
        receiver.hear(whole.slice(0, cut));
        receiver.hear(whole.slice(cut));
        expect(receiver.packets).toEqual([hexOf(data)]);
      }
    },
  );

  test("a packet larger than the send buffer ends Refused.TOO_BIG, a full buffer says Refused.FULL and takes again after an acknowledgement", () => {
    const server = openServer({ bufferBytes: 10 });
    expect(server.send("00".repeat(10))).toBe(Refused.TOO_BIG);
    expect(server.send("00".repeat(4))).toBe(1);
    expect(server.send("00".repeat(4))).toBe(2);
    expect(server.send("00")).toBe(Refused.FULL);
    server.hear("0001");
    expect(server.send("00")).toBe(2);
  });

  test("a size of 0 in a longer form is a sync packet as well, cut at every byte (D14)", () => {
    const bytes = bytesOf("fa000000020161");
    for (let cut = 0; cut <= bytes.length; cut++) {
      const server = openServer();
      server.send("01");
      server.send("02");
      server.hear(bytes.slice(0, cut));
      server.hear(bytes.slice(cut));
      expect(server.acknowledged).toBe(2);
      expect(server.packets).toEqual(["61"]);
    }
  });

  test("packets put together from pieces grow no further than the packet", () => {
    const server = openServer({ maxPacket: 1000 });
    server.hear("f3");
    expect(server.session.partial.length).toBeLessThanOrEqual(256);
    server.hear("f8"); // 1000
    server.hear("ab".repeat(999));
    expect(server.session.partial.length).toBe(1002);
    server.hear("ab");
    expect(server.packets[0].length).toBe(2000);
  });
});

describe("sync packets (session §3)", () => {
  test("the first 256 packets of a connection are acknowledged as they come, then every syncIntervalMin", () => {
    const server = openServer();
    server.hear("0161", 1);
    expect(server.takeHex()).toBe("0001");
    server.hear("0161".repeat(255), 2);
    expect(server.takeHex()).toBe("00c80037");
    server.hear("0161".repeat(3), 3);
    expect(server.takeHex()).toBe("");
    expect(sessionDeadline(server.session)).toBe(102);
    tickSession(server.session, 101);
    expect(server.takeHex()).toBe("");
    tickSession(server.session, 102);
    expect(server.takeHex()).toBe("0003");
  });

  test("at 200 the count goes out at once, and never more than 200 in one", () => {
    const server = openServer();
    server.hear("0161".repeat(256), 1);
    server.take();
    server.hear("0161".repeat(199), 2);
    expect(server.takeHex()).toBe("");
    server.hear("0161", 3);
    expect(server.takeHex()).toBe("00c8");
    server.hear("0161".repeat(450), 4);
    expect(server.takeHex()).toBe("00c800c8");
  });

  test("half the sender's window in bytes is acknowledged at once", () => {
    const server = openServer();
    server.session.syncBytes = 100;
    server.hear("0161".repeat(256), 1);
    server.take();
    server.hear(`28${"61".repeat(40)}`.repeat(2), 2);
    expect(server.takeHex()).toBe("");
    server.hear(`28${"61".repeat(40)}`, 3);
    expect(server.takeHex()).toBe("0003");
  });

  test("half the packets that may be on their way on a serial line are acknowledged at once (D2)", () => {
    const server = openServer();
    server.session.syncCount = 32;
    server.hear("0161".repeat(256), 1);
    server.take();
    server.hear("0161".repeat(31), 2);
    expect(server.takeHex()).toBe("");
    server.hear("0161", 3);
    expect(server.takeHex()).toBe("0020");
  });

  test("without anything to count a heartbeat leaves every syncIntervalMax", () => {
    const server = openServer();
    expect(sessionDeadline(server.session)).toBe(5000);
    tickSession(server.session, 4999);
    expect(server.takeHex()).toBe("");
    tickSession(server.session, 5000);
    expect(server.takeHex()).toBe(message("heartbeat"));
  });

  test("only sync packets prove life: without one for twice syncIntervalMax the connection is dead, whatever data came", () => {
    const server = openServer();
    server.hear("0161", 9000);
    tickSession(server.session, 9999);
    expect(server.disconnected).toBe(0);
    tickSession(server.session, 10_000);
    expect(server.disconnected).toBe(Code.DEAD);
    expect(server.session.phase).toBe(Phase.DETACHED);
    const other = openServer();
    other.hear("0000", 9000);
    tickSession(other.session, 10_000);
    expect(other.disconnected).toBe(0);
  });

  test("a sync packet that counts proves life as a heartbeat does (D18)", () => {
    const server = openServer();
    server.send("61");
    server.hear("0001", 9000);
    tickSession(server.session, 10_000);
    expect(server.disconnected).toBe(0);
    tickSession(server.session, 19_000);
    expect(server.disconnected).toBe(Code.DEAD);
  });

  test("a detached session expires after sessionExpire s, and not before", () => {
    const server = openServer();
    detachSession(server.session, 1000);
    expect(sessionDeadline(server.session)).toBe(61_000);
    tickSession(server.session, 60_999);
    expect(server.closed).toBe(0);
    tickSession(server.session, 61_000);
    expect(server.closed).toBe(Code.EXPIRED);
  });

  test("with sessionExpire 0 the session dies with its connection (D12)", () => {
    const server = openServer();
    server.session.sessionExpire = 0;
    detachSession(server.session, 1);
    expect(server.closed).toBe(Code.EXPIRED);
  });
});

describe("close (session §3.2, D16)", () => {
  test("00 ff is answered with 00 ff, and the session is over", () => {
    const server = openServer();
    server.hear(message("session close"));
    expect(server.takeHex()).toBe("00ff");
    expect(server.closed).toBe(Code.CLOSED);
  });

  test("the one who closes sends nothing more, waits for the answer at most syncIntervalMax", () => {
    const server = openServer();
    closeSession(server.session, 7);
    server.send("61");
    expect(server.takeHex()).toBe("00ff");
    server.hear("0161"); // stays unacknowledged: it belongs to the next session
    expect(server.packets).toEqual([]);
    expect(sessionDeadline(server.session)).toBe(5007);
    tickSession(server.session, 5007);
    expect(server.closed).toBe(Code.CLOSED);
    const other = openServer();
    closeSession(other.session, 7);
    other.hear("00ff", 8);
    expect(other.closed).toBe(Code.CLOSED);
    expect(other.takeHex()).toBe("00ff");
  });

  test("a detached session closes at once", () => {
    const server = openServer();
    detachSession(server.session, 1);
    closeSession(server.session, 2);
    expect(server.closed).toBe(Code.CLOSED);
  });
});

describe("resume: skipping and counting (session §4, D1)", () => {
  test("story: received 15, acknowledged 10, the client starts at 10; 5 are skipped and counted, one is new", () => {
    const server = openServer({ acceptsAtOnce: false });
    server.hear("0161".repeat(15));
    acceptPackets(server.session, 10, 0);
    expect(server.takeHex()).toBe("000a");
    acceptPackets(server.session, 15, 0); // durable, but the sync was lost with the line
    reattach(server, "0a", 100);
    server.hear(`${"0161".repeat(5)}0162`, 101);
    acceptPackets(server.session, 16, 101);
    expect(server.packets.length).toBe(16);
    expect(server.packets[15]).toBe("62");
    expect(server.session.skipped).toBe(5);
    expect(server.takeHex()).toBe("00050001"); // the skipped at once, the new one when it is durable
  });

  test("story: a sync was lost with the connection; the repeats are counted, and nothing twice", () => {
    const server = openServer();
    server.hear("0161".repeat(5));
    expect(server.takeHex()).toBe("0005");
    reattach(server, "00", 100);
    server.hear("0161".repeat(5), 101);
    expect(server.packets.length).toBe(5);
    expect(server.takeHex()).toBe("0005");
  });

  test("what becomes durable after its repeat was skipped is counted once (D1)", () => {
    const server = openServer({ acceptsAtOnce: false });
    server.hear("0161".repeat(15));
    acceptPackets(server.session, 8, 0);
    server.take();
    reattach(server, "08", 100); // 15 received, 10 durable by now, 8 acknowledged
    acceptPackets(server.session, 10, 100);
    expect(server.takeHex()).toBe(""); // nothing was read on this connection yet
    server.hear("0161".repeat(7), 101);
    expect(server.takeHex()).toBe("0002");
    acceptPackets(server.session, 15, 102);
    expect(server.takeHex()).toBe("0005");
  });

  test("what a resumed connection re-sends begins slowly and grows by what is acknowledged (D2)", () => {
    const server = openServer();
    for (let i = 0; i < 40; i++) server.send("61");
    expect(server.takeHex()).toBe("0161".repeat(4));
    server.hear("0002");
    expect(server.takeHex()).toBe("0161".repeat(4));
    reattach(server, "00", 100); // the last one lived for two packets
    expect(server.takeHex()).toBe("0161".repeat(2));
    reattach(server, "00", 200); // the last one died without progress
    expect(server.takeHex()).toBe("0161");
    server.hear("0001", 201);
    expect(server.takeHex()).toBe("01610161");
    server.hear("0002", 202);
    server.hear("0004", 202);
    server.take();
    reattach(server, "00", 300);
    expect(server.takeHex()).toBe("0161".repeat(4));
  });

  test("what the reserved slot has on its way counts in the window as well (D6)", () => {
    const server = openServer({ bound: false });
    server.session.window = 10;
    appendPacket(server.session.slot, bytesOf("6162636465"), 0, 5);
    pump(server.session);
    bindSendBuffer(server.session, server.buffer);
    server.send("6161");
    server.send("6262");
    expect(server.takeHex()).toBe("056162636465026161");
    server.hear("0001");
    expect(server.takeHex()).toBe("026262");
  });

  test("what the reserved slot has on its way counts among the packets of slow start as well (D2)", () => {
    const server = openServer({ bound: false });
    appendPacket(server.session.slot, bytesOf("73"), 0, 1);
    pump(server.session);
    bindSendBuffer(server.session, server.buffer);
    for (let i = 0; i < 5; i++) server.send("61");
    expect(server.takeHex()).toBe(`0173${"0161".repeat(3)}`);
  });

  test("packets in flight stay below what a serial line allows, however many are acknowledged (D6)", () => {
    const server = openServer();
    server.session.maxInFlight = 6;
    for (let i = 0; i < 20; i++) server.send("61");
    expect(server.takeHex()).toBe("0161".repeat(4));
    server.hear("0004");
    expect(server.takeHex()).toBe("0161".repeat(6));
    server.hear("0002");
    expect(server.takeHex()).toBe("0161".repeat(2));
  });

  test("while the transport takes nothing only sync packets leave; a new connection is not held back (D6)", () => {
    const server = openServer();
    server.session.blocked = true;
    server.send("61");
    server.hear("0162", 1);
    expect(server.takeHex()).toBe("0001");
    detachSession(server.session, 2);
    attachSession(server.session, false, 2);
    server.take();
    server.hear("00", 2);
    expect(server.takeHex()).toBe("0161");
  });

  test("a packet that was taken before the window was known, and is above it, goes alone (D6)", () => {
    const server = openServer({ bound: false });
    server.session.window = 5;
    server.send("61");
    server.send("62".repeat(8));
    server.send("63");
    bindSendBuffer(server.session, server.buffer);
    expect(server.takeHex()).toBe("0161");
    server.hear("0001");
    expect(server.takeHex()).toBe(`08${"62".repeat(8)}`);
    server.hear("0001");
    expect(server.takeHex()).toBe("0163");
  });

  test("bytes in flight stay below the window the other side announced (D6)", () => {
    const server = openServer();
    server.session.window = 10;
    for (let i = 0; i < 4; i++) server.send("616263");
    expect(server.takeHex()).toBe("03616263".repeat(2));
    server.hear("0001");
    expect(server.takeHex()).toBe("03616263");
  });
});

describe("faults of the other side", () => {
  const inState: Record<string, (hex: string) => Side> = {
    open: (hex) => {
      const server = openServer();
      server.hear(hex);
      return server;
    },
    "open, 3 outstanding": (hex) => {
      const server = openServer();
      for (let i = 0; i < 3; i++) server.send("61");
      server.hear(hex);
      return server;
    },
    "state, received 15": (hex) => {
      const server = openServer();
      server.hear("0161".repeat(15));
      reattach(server, hex, 1);
      return server;
    },
    "handshake, client": (hex) => {
      const client = new Side({ isClient: true });
      connectSession(client.session, 0);
      client.hear(hex);
      return client;
    },
  };
  const cases = vectors.malformed.filter((m) => m.state !== "handshake, server"); // those: acceptor.test.ts
  test.each(cases)("$name: $error, whole and cut at every byte", ({ state, hex, error }) => {
    expect(inState[state](hex).disconnected).toBe(codeNames[error]);
    if (state !== "open") return;
    for (let cut = 1; cut < hex.length / 2; cut++) {
      const server = openServer();
      server.hear(hex.slice(0, 2 * cut));
      server.hear(hex.slice(2 * cut));
      expect(server.disconnected).toBe(codeNames[error]);
    }
  });

  test("nothing is kept of a packet that is too large", () => {
    const server = openServer();
    server.hear("f9f711");
    expect(server.session.partial.length).toBe(0);
  });

  test("receiveCounts 201…254 are all refused", () => {
    for (let count = 201; count <= 254; count++) {
      const server = openServer();
      server.hear(`00${count.toString(16)}`);
      expect(server.disconnected).toBe(Code.RECEIVE_COUNT_RESERVED);
    }
  });

  test("a gap ends the session on both sides: the other is told with a close (D3)", () => {
    const server = openServer();
    server.hear("0161".repeat(15));
    reattach(server, "10", 1);
    expect(server.closed).toBe(Code.PACKET_GAP);
    expect(server.takeHex()).toBe("00ff");
  });

  test("the third protocol error without progress ends the session, progress between them forgives (D3)", () => {
    const server = openServer();
    for (let i = 1; i <= 2; i++) {
      server.hear("00c9", i);
      expect(server.closed).toBe(0);
      reattach(server, "00", i);
    }
    server.hear("0161", 3); // progress: a new packet
    server.hear("00c9", 3);
    expect(server.closed).toBe(0);
    reattach(server, "01", 4);
    server.hear("00c9", 4);
    reattach(server, "01", 5);
    server.hear("00c9", 5);
    expect(server.closed).toBe(Code.RECEIVE_COUNT_RESERVED);
  });

  test("a call that was broken off in the middle of a chunk breaks the connection: what it left unread comes again", () => {
    const client = openClient();
    const deliver = client.onPacket.bind(client);
    let calls = 0;
    client.onPacket = (bytes, start, end, index) => {
      deliver(bytes, start, end, index);
      if (++calls === 1) throw new Error("out of memory"); // nothing on a board can catch it
    };
    expect(() => client.hear("01aa01bb")).toThrow("out of memory");
    client.hear("01cc");
    expect(client.disconnected).toBe(Code.DEAD);
    connectSession(client.session, 1);
    client.hear(`${message("resume accepted")}0064f90a983c`, 1);
    client.hear("01aa01bb01cc", 1);
    expect(client.packets).toEqual(["aa", "bb", "cc"]);
  });

  test("an acknowledgement is progress as well (D3)", () => {
    const server = openServer();
    for (let i = 1; i <= 6; i++) {
      server.send("61");
      server.hear("0001", i);
      server.hear("00c9", i);
      expect(server.disconnected).toBe(Code.RECEIVE_COUNT_RESERVED);
      expect(server.closed).toBe(0);
      reattach(server, "00", i);
    }
  });

  test("after a fault nothing more of the chunk is read", () => {
    const server = openServer();
    server.hear("00c90161");
    expect(server.packets).toEqual([]);
  });
});
