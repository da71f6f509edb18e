/** Sync packets: when they leave, and what their absence means (session §3). */
import { describe, expect, test } from "vitest";
import { message, openServer } from "../testing/open-sides.ts";
import { Code } from "./codes.ts";
import { detachSession, sessionDeadline, tickSession } from "./lifecycle.ts";
import { Phase } from "./state.ts";

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
