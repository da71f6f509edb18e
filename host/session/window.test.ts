/** A peer that ignores the window it was told of is dropped (D6); one that keeps to it never is. */
import { expect, test } from "vitest";
import { Code } from "../../shared/session/codes.ts";
import { attachSession } from "../../shared/session/lifecycle.ts";
import { receiveBytes } from "../../shared/session/receive.ts";
import { seededRandom } from "../transports/random.ts";
import { ServerSession } from "./server-session.ts";
import { nobody } from "./session-owner.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 1024 };
const RX = 4096;

function openSession() {
  const clock = { time: 0, now: () => clock.time, wall: () => 0 };
  const seen = { packets: 0, dropped: 0 as Code | 0, ended: 0 as Code | 0 };
  const session = new ServerSession(new Uint8Array(16), 1, settings, clock, (_, code) => {
    seen.ended = code;
  });
  session.setOwner({ ...nobody, onPacket: () => void seen.packets++ });
  const connect = (start: number) => {
    session.carrier = {
      name: "tcp",
      remoteAddress: "",
      wire: session.wire,
      output() {},
      settle() {},
      gathered: 0,
      settleNow() {},
      drop: (code) => {
        seen.dropped = code;
      },
    };
    attachSession(session.session, start === 0, 0);
    receiveBytes(session.session, Uint8Array.of(start), 0, 1, 0);
  };
  session.limitTo(RX, 1024);
  connect(0);
  session.confirm(65_536);
  const send = (size: number) => {
    const packet = new Uint8Array(2 + size).fill(1);
    packet.set([241 + ((size - 240) >> 8), (size - 240) & 255]);
    receiveBytes(session.session, packet, 0, packet.length, clock.time);
  };
  return { session, seen, send, connect, clock };
}

test("without an acknowledgement no more than the window and one packet is taken", () => {
  const { seen, send } = openSession();
  for (let i = 0; i < 5; i++) send(1000);
  expect([seen.packets, seen.dropped]).toEqual([5, 0]); // 5000 bytes: the window, and some slack
  send(1000);
  expect([seen.packets, seen.dropped]).toEqual([6, Code.WINDOW_IGNORED]); // delivered: what was received is not lost
  expect(seen.ended).toBe(0);
});

test("a peer that does it again and again without progress loses its session", () => {
  const { seen, send, connect } = openSession();
  for (let i = 0; i < 6; i++) send(1000);
  for (let again = 0; again < 2; again++) {
    connect(0);
    for (let i = 0; i < 7; i++) send(1000);
  }
  expect(seen.dropped).toBe(Code.WINDOW_IGNORED);
  expect(seen.packets).toBeLessThan(6 + 2 * 7);
});

test("a peer that keeps to its window is never dropped, however late and uneven the acknowledgements are (seed 11)", () => {
  const random = seededRandom(11);
  const { session, seen, send, clock } = openSession();
  const sizes: number[] = [];
  let durable = 0;
  for (let step = 0; step < 20_000; step++) {
    const acknowledged = session.session.recvStart + session.session.counted;
    const flying = sizes.slice(acknowledged).reduce((sum, size) => sum + size, 0);
    const size = 240 + Math.floor(random() * 784);
    if (flying + size <= RX && random() < 0.7) {
      sizes.push(size);
      send(size);
    } else if (durable < sizes.length) {
      durable += Math.ceil(random() * (sizes.length - durable));
      session.session.accepted = durable;
      clock.time += 20;
      receiveBytes(session.session, Uint8Array.of(0, 0), 0, 2, clock.time);
    }
  }
  expect([seen.dropped, seen.packets]).toEqual([0, sizes.length]);
  expect(sizes.length).toBeGreaterThan(5000);
});
