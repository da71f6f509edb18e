/** What a session is told of the frames that came over it, when the store takes none. */
import { expect, test } from "vitest";
import { Code } from "../../shared/session/codes.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import { until } from "../platform/testing/until.ts";
import type { HostSession } from "../session/host-session.ts";
import { FaultyDatabase } from "../store/faulty-database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import { openTestStore } from "../testing/stores.ts";
import { FrameIntake } from "./frame-intake.ts";

const head = {
  ...{ reqtype: Reqtype.ASYNC, cmd: Command.EVENT, cmdVersion: 1, error: 0, rqid: 0, crc: false },
};
const numbered = (seq: number) =>
  encodeNumbered(
    { ...head, msgId: { origin: 7n, seq }, qos: { lane: 2, delivery: 0, ttlMs: 0xffff_ffff } },
    1n,
    Buffer.from("x"),
  );
const bare = encodeFrame({ ...head, cmd: Command.CREDIT }, new Uint8Array(0));

test("a frame that the store does not take is not acknowledged by what comes behind it in the same chunk", async () => {
  const database = new FaultyDatabase(new MemoryDatabase());
  const store = await openTestStore(database, { retryMs: 1e6 });
  const owner = {
    ...{ hostId: 7n, receive: () => ({}), onRepeat() {}, hear() {}, onNumbered() {}, onFault() {} },
  };
  const intake = new FrameIntake(store, owner, 65_536);
  const told: (number | string)[] = [];
  const session = {
    accept: (count: number) => void told.push(count),
    end: (code: Code) => void told.push(code === Code.STORE_FAILED ? "ended" : "?"),
  } as unknown as HostSession;
  const take = (frame: Uint8Array, index: number) => intake.take(session, frame, 0, frame.length, index);

  take(numbered(1), 0);
  await until(() => told.length === 1);
  database.failing = () => ({ error: new Error("injected"), isWritten: false });
  store.put([{ key: "a", value: {} }], { onCommitted() {}, onFailed() {} });
  await until(() => store.fault !== null);
  intake.begin();
  take(numbered(2), 0); // refused, and told so later
  take(bare, 1);
  take(numbered(1), 2); // had before
  take(Uint8Array.of(1, 2, 3), 3); // nobody can read it
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  expect(told[0]).toBe(1);
  expect(told.slice(1).filter((one) => one !== "ended")).toEqual([]);
  expect(told).toContain("ended");
  await store.stop();
});
