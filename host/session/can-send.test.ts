/** What canSend() says is what pump() then does, whatever the windows, the acknowledgements and the transport. */
import { expect, test } from "vitest";
import { Code } from "../../shared/session/codes.ts";
import { attachSession } from "../../shared/session/lifecycle.ts";
import { receiveBytes } from "../../shared/session/receive.ts";
import { appendPacket, createSendBuffer, hasRoom } from "../../shared/session/send-buffer.ts";
import { Phase } from "../../shared/session/state.ts";
import { seededRandom } from "../transports/random.ts";
import type { Carrier } from "./carrier.ts";
import { ServerSession } from "./server-session.ts";
import { nobody } from "./session-owner.ts";
import { nowhere } from "./wire.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };
const clock = { now: () => 0, wall: () => 0 };

class FakeCarrier implements Carrier {
  readonly name = "tcp";
  readonly remoteAddress = "";
  readonly wire = nowhere;
  gathered = 0;
  packets = 0;
  dropped: Code | 0 = 0;
  output(_bytes: Uint8Array, start: number, end: number): void {
    this.gathered += end - start;
  }
  settle(): void {}
  settleNow(): void {}
  drop(code: Code): void {
    this.dropped = code;
  }
}

function openSession(window: number, bufferBytes: number) {
  const told = { writable: 0 };
  const session = new ServerSession(new Uint8Array(16), 1, settings, clock, () => {});
  session.setOwner({ ...nobody, onWritable: () => void told.writable++ });
  const buffer = createSendBuffer(new Uint8Array(2 * bufferBytes), bufferBytes);
  let carrier = new FakeCarrier();
  const connect = () => {
    if (session.carrier !== null) session.detach(session.carrier);
    carrier = new FakeCarrier();
    session.carrier = carrier;
    attachSession(session.session, false, 0);
    receiveBytes(session.session, Uint8Array.of(0), 0, 1, 0);
    carrier.gathered = 0;
  };
  connect();
  session.confirm(window);
  session.session.window = window;
  session.bind(buffer);
  return { session, buffer, told, connect, carrier: () => carrier };
}

test("a packet goes out whole and at once when it said yes, and not when it said no (seed 5)", () => {
  const random = seededRandom(5);
  const counts = { yes: 0, no: 0 };
  for (let round = 0; round < 200; round++) {
    const { session, buffer, connect, carrier } = openSession(
      100 + Math.floor(random() * 4000),
      200 + Math.floor(random() * 4000),
    );
    const s = session.session;
    for (let step = 0; step < 100; step++) {
      const size = 1 + Math.floor(random() * 600);
      const sent = () => buffer.sent + s.slot.sent;
      const chance = random();
      if (chance < 0.6) {
        const can = session.canSend(size);
        const before = sent();
        const hadUnsent = buffer.sent < buffer.count;
        if (!hasRoom(buffer, size)) {
          expect([round, step, can]).toEqual([round, step, false]);
          continue;
        }
        // To see what pump() would do, unless it was held back by the turn alone.
        if (!can && carrier().gathered >= 16_384) continue;
        appendPacket(buffer, new Uint8Array(size), 0, size);
        session.pump();
        const left = sent() - before;
        if (can) expect([round, step, left, buffer.sent]).toEqual([round, step, 1, buffer.count]);
        else expect([round, step, buffer.sent < buffer.count || hadUnsent]).toEqual([round, step, true]);
        counts[can ? "yes" : "no"]++;
      } else if (chance < 0.8) {
        const count = Math.floor(random() * (sent() + 1));
        if (count > 0) receiveBytes(s, Uint8Array.of(0, Math.min(count, 200)), 0, 2, 0);
      } else if (chance < 0.85) s.blocked = true;
      else if (chance < 0.95) session.unblock();
      else if (chance < 0.97) connect();
      carrier().gathered = 0;
    }
    expect(s.phase).toBe(Phase.OPEN);
  }
  expect(counts.yes).toBeGreaterThan(2000);
  expect(counts.no).toBeGreaterThan(500);
});

test("after a no it is told once: when the transport drains, when there is an acknowledgement, when the turn was written", () => {
  const { session, buffer, told, carrier } = openSession(1000, 4000);
  const s = session.session;
  s.blocked = true;
  expect(session.canSend(1)).toBe(false);
  session.unblock();
  session.unblock();
  expect(told.writable).toBe(1);

  appendPacket(buffer, new Uint8Array(990), 0, 990);
  session.pump();
  expect(session.canSend(20)).toBe(false);
  receiveBytes(s, Uint8Array.of(0, 1, 0, 0), 0, 4, 0);
  expect([told.writable, session.canSend(20)]).toEqual([2, true]);

  carrier().gathered = 16_384;
  expect(session.canSend(20)).toBe(false);
  carrier().gathered = 0;
  session.tellWritable();
  session.tellWritable();
  expect(told.writable).toBe(3);
});

test("one above the window goes alone", () => {
  const { session, buffer } = openSession(100, 4000);
  expect(session.canSend(300)).toBe(true);
  appendPacket(buffer, new Uint8Array(10), 0, 10);
  session.pump();
  expect([session.canSend(300), session.canSend(50)]).toEqual([false, true]);
});

test("without a connection, or before the hellos, nothing can be sent", () => {
  const { session } = openSession(100, 4000);
  session.end(Code.SUPERSEDED);
  expect(session.canSend(1)).toBe(false);
  const fresh = new ServerSession(new Uint8Array(16), 1, settings, clock, () => {});
  expect(fresh.canSend(1)).toBe(false);
});
