import { expect, test } from "vitest";
import { Code } from "../../shared/session/codes.ts";
import { systemClock } from "../platform/clock.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { ClientSession } from "../session/client-session.ts";
import { MemoryPair } from "../transports/memory-pair.ts";
import type { Transport } from "../transports/transport.ts";
import { Dialler } from "./dialler.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 1000 };
/** Handshake OK with a new id of 16 bytes, then the state: start 0, intervals 20 and 240, expiry 255 (session §1, §2). */
const NEW_SESSION = Uint8Array.of(0, 16, ...new Uint8Array(16).fill(7), 0, 20, 240, 255);
/** Session does not exist (session §1.3). */
const UNKNOWN = Uint8Array.of(2);

/** The other end of each connection that is made, and answers it with the next of `answers`. */
function farSide(answers: Uint8Array[]) {
  const lines: MemoryPair[] = [];
  const address = async (): Promise<Transport> => {
    const pair = new MemoryPair({ delivery: "microtask" });
    const answer = answers[lines.length] ?? new Uint8Array(0);
    lines.push(pair);
    let isAnswered = false;
    const onChunk = () => {
      if (!isAnswered) pair.b.write(answer);
      isAnswered = true;
    };
    pair.b.start({ onChunk, onDrain() {}, onClose() {} });
    return pair.a;
  };
  return { lines, address };
}

test("a gateway that has forgotten the session is asked for a new one at once; one that is gone is waited for", async () => {
  const { lines, address } = farSide([NEW_SESSION, UNKNOWN, NEW_SESSION]);
  let sessions = 0;
  const dialler = new Dialler({
    ...{
      peer: "9",
      policy: "always",
      isLower: true,
      addresses: [address],
      clock: systemClock,
      log: silentLog,
    },
    wire: { isCable: false, isPrivate: false, names: [] },
    random: () => 1,
    newSession: (onEnded) => {
      sessions++;
      return new ClientSession(settings, systemClock, onEnded);
    },
    isConnected: () => false,
  });
  dialler.look();
  await until(() => lines.length === 1 && dialler.nextInMs === null);
  await until(() => {
    lines[0].deliver();
    lines[0].cut();
    return dialler.nextInMs !== null;
  });
  expect([lines.length, sessions, (dialler.nextInMs as number) > 500]).toEqual([1, 1, true]);
  dialler.dialNow();
  await until(() => lines.length > 1);
  await until(() => sessions === 2 || dialler.nextInMs !== null);
  expect([lines.length, sessions, dialler.nextInMs]).toEqual([3, 2, null]);
  dialler.stop(Code.CLOSED);
});
