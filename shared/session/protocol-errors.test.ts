/** What the other side may not say, and what that costs it (D3, D4, D5). */
import { describe, expect, test } from "vitest";
import { message, openClient, openServer, reattach } from "../testing/open-sides.ts";
import { Side } from "../testing/side.ts";
import vectors from "../vectors/session.json";
import { codeNames } from "./code-names.ts";
import { Code } from "./codes.ts";
import { connectSession } from "./lifecycle.ts";

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
