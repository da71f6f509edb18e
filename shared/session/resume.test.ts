/** What goes again over a new connection, and how it is counted (session §4, D1, D2, D6). */
import { describe, expect, test } from "vitest";
import { openServer, reattach } from "../testing/open-sides.ts";
import { bytesOf } from "../testing/side.ts";
import { attachSession, bindSendBuffer, detachSession } from "./lifecycle.ts";
import { pump } from "./pump.ts";
import { acceptPackets } from "./receive.ts";
import { appendPacket } from "./send-buffer.ts";

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
