/** Sessions whose hello nobody has heard yet: how many there may be, of whom, and for how long (session D9). */
import { beforeEach, expect, test } from "vitest";
import type { Carrier } from "./carrier.ts";
import type { ServerSession } from "./server-session.ts";
import { nobody } from "./session-owner.ts";
import { SessionServer } from "./session-server.ts";
import { nowhere } from "./wire.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 4096 };
let now: number;
let server: SessionServer;

beforeEach(() => {
  now = 1000;
  server = new SessionServer(settings, { now: () => now, wall: () => now }, () => nobody);
});

function carrierOf(remoteAddress: string, name = "tcp"): Carrier {
  return {
    ...{ name, remoteAddress, wire: nowhere, gathered: 0 },
    ...{ output: () => {}, settle: () => {}, settleNow: () => {}, drop: () => {} },
  };
}

interface Stranger {
  session: ServerSession | null;
  leave(): void;
}

/** Somebody who begins a session and says nothing; `leave()` ends the connection. */
function stranger(address: string, name?: string): Stranger {
  const carrier = carrierOf(address, name);
  const session = server.create(carrier, {});
  return { session, leave: () => session?.detach(carrier) };
}

const ids = () => [...server.all()];

test("of one address there are four: one more ends the oldest that has no connection, else it is refused", () => {
  const four = Array.from({ length: 4 }, () => stranger("192.0.2.1"));
  expect(stranger("192.0.2.1").session).toBeNull();
  expect(stranger("192.0.2.2").session).not.toBeNull();
  now++;
  four[2].leave();
  now++;
  four[1].leave();
  const next = stranger("192.0.2.1").session;
  expect(next).not.toBeNull();
  expect(ids().includes(four[2].session!)).toBe(false);
  expect([four[0], four[1], four[3]].every(({ session }) => ids().includes(session!))).toBe(true);
  expect(ids().length).toBe(5);
});

test("of the loopback they are not counted by address, and 100 in all, wherever from", () => {
  for (let i = 0; i < 98; i++) expect(stranger("").session).not.toBeNull();
  for (const address of ["192.0.2.1", "192.0.2.2"]) expect(stranger(address).session).not.toBeNull();
  for (const address of ["", "192.0.2.3"]) expect(stranger(address).session).toBeNull();
});

test("of one cable there is one, which makes room once its connection is gone; another cable has its own", () => {
  const first = stranger("", "serial a");
  expect(stranger("", "serial a").session).toBeNull();
  expect(stranger("", "serial b").session).not.toBeNull();
  first.leave();
  expect(stranger("", "serial a").session).not.toBeNull();
  expect(ids().includes(first.session!)).toBe(false);
});

test("one lives 10 s from its beginning, or from the end of its connection; one whose hello was accepted lives on", () => {
  const silent = stranger("192.0.2.1");
  const gone = stranger("192.0.2.1");
  const known = stranger("192.0.2.1");
  known.session?.confirm(500);
  now += 6000;
  gone.leave();
  known.leave();
  const alive = () => [silent, gone, known].map(({ session }) => ids().includes(session!));
  now += 4000;
  server.sweep(now);
  expect(alive()).toEqual([true, true, true]);
  now++;
  server.sweep(now);
  expect(alive()).toEqual([false, true, true]);
  now += 6000;
  server.sweep(now);
  expect(alive()).toEqual([false, false, true]);
});
