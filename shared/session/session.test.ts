/** Packets on their way, and the close (session §3, §3.2, §4). */
import { describe, expect, test } from "vitest";
import { message, openServer } from "../testing/open-sides.ts";
import { bytesOf, hexOf } from "../testing/side.ts";
import vectors from "../vectors/session.json";
import { Code } from "./codes.ts";
import { closeSession, detachSession, sessionDeadline, tickSession } from "./lifecycle.ts";
import { Refused } from "./send-buffer.ts";

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
