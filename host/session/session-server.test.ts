/** What a new session costs beside all those that there are. */
import { expect, test } from "vitest";
import { Code } from "../../shared/session/codes.ts";
import type { Carrier } from "./carrier.ts";
import { nobody } from "./session-owner.ts";
import { SessionServer } from "./session-server.ts";
import { nowhere } from "./wire.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };
const clock = { now: () => 0, wall: () => 0 };
const carrier: Carrier = {
  ...{ name: "tcp 127.0.0.1:1", remoteAddress: "", wire: nowhere, gathered: 0 },
  ...{ output() {}, settle() {}, settleNow() {}, drop() {} },
};

test("a new session is not weighed against those that are confirmed, and what is unconfirmed stays bounded", () => {
  const server = new SessionServer(settings, clock, () => nobody);
  let looks = 0;
  for (let i = 0; i < 500; i++) {
    const session = server.create(carrier, {})!;
    Object.defineProperty(session, "isConfirmed", { get: () => looks++ >= 0 });
  }
  expect(looks).toBe(499); // each once, by the next
  for (let i = 0; i < 100; i++) expect(server.create(carrier, {})).not.toBeNull();
  expect(server.create(carrier, {})).toBeNull();
  for (const session of [...server.all()].slice(-10)) session.end(Code.CLOSED);
  for (let i = 0; i < 10; i++) expect(server.create(carrier, {})).not.toBeNull();
  expect(server.create(carrier, {})).toBeNull();
  expect(looks).toBe(500);
});
