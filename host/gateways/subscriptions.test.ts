/** Which boards of others are wanted, against a mesh and a store of the test's own: what is told when, and what is not. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { EPOCH_BYTES } from "../iotgw/origin-epoch.ts";
import { WireError } from "../iotgw/wire-error.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { silentLog } from "../platform/log.ts";
import type { MessageId } from "./message-id.ts";
import { Subscriptions } from "./subscriptions.ts";

const PEER = 2n;
const FAR = 3n;
/** What a SUBSCRIBE holds, in the order in which they were told. */
let told: string[];
/** Why a subscription does not come about. */
let complaints: string[];
/** Frames that wait, by number; called with their outcome. */
let outcomes: (() => void)[];
let withdrawn: number;
let fault: Error | null;
let subscriptions: Subscriptions;

beforeEach(() => {
  vi.useFakeTimers();
  [told, complaints, outcomes, withdrawn, fault] = [[], [], [], 0, null];
  const mesh = {
    get: (id: bigint) => (id === PEER ? {} : undefined),
    nextHop: () => ({}),
    findRequest: () => ({ setInvalid: () => void withdrawn++ }),
    prepare: ({ dst, content, onOutcome }: { dst: bigint; content: Uint8Array; onOutcome(): void }) => {
      if (fault !== null) throw fault;
      told.push(`${dst} ${Buffer.from(content)}`);
      outcomes.push(onOutcome);
      const id: MessageId = { origin: 1n, epoch: 7n, lane: 2, seq: told.length };
      return { id, changes: [], onCommitted() {}, onRefused() {}, onFailed() {} };
    },
  };
  const store = {
    put: (_: unknown, { onCommitted }: { onCommitted(): void }) => onCommitted(),
    putLater() {},
  };
  const warn = ({ reason }: { reason?: string }) => void complaints.push(reason ?? "");
  const services = { mesh, store, log: { ...silentLog, warn } };
  const names = { hear: (gateway: bigint, name: string) => [{ key: `n/${gateway}`, value: { name } }] };
  subscriptions = new Subscriptions(services as never, names as never);
});
afterEach(() => {
  subscriptions.stop();
  vi.useRealTimers();
});

const want = (gateway: bigint, ...devices: string[]) => {
  subscriptions.configure(new Map([[gateway, devices]]));
  subscriptions.tellChanges();
};
const answer = (gateway: bigint, content: unknown, error = 0) => {
  const bytes = Buffer.from(JSON.stringify(content));
  const frame = { error, cmd: Command.SUBSCRIBE };
  const id = { origin: gateway, epoch: 1n, lane: 2, seq: 1 };
  return subscriptions.answered({ frame, id, bytes, contentStart: 0, end: bytes.length } as never);
};

test("who is behind others is told again every ten minutes, who is a peer at each introduction alone", async () => {
  subscriptions.configure(
    new Map([
      [PEER, ["a"]],
      [FAR, ["b"]],
    ]),
  );
  subscriptions.tellChanges();
  for (const over of outcomes.splice(0)) over();
  subscriptions.start();
  await vi.advanceTimersByTimeAsync(599_999);
  expect(told).toEqual(['2 {"devices":["a"]}', '3 {"devices":["b"]}']);
  await vi.advanceTimersByTimeAsync(1);
  expect(told.slice(2)).toEqual(['3 {"devices":["b"]}']);
  subscriptions.stop();
  for (const over of outcomes.splice(0)) over();
  await vi.advanceTimersByTimeAsync(6_000_000);
  expect(told).toHaveLength(3);
});

test("what waits is not told a second time, what has changed takes its place", () => {
  want(PEER, "a");
  want(PEER, "a");
  expect([told.length, withdrawn]).toEqual([1, 0]);
  want(PEER, "b");
  expect([told.at(-1), withdrawn]).toEqual(['2 {"devices":["b"]}', 1]);
  outcomes[0](); // of the one that was replaced: it changes nothing
  want(PEER, "b");
  expect(told).toHaveLength(2);
});

test("what the mesh does not take is told here, and tried again; what is no refusal is passed up", () => {
  fault = new BowlineError("QUEUE_FULL", "sending SUBSCRIBE to gateway 2: too much waits", ExitCode.busy);
  want(PEER, "a");
  expect([told, complaints]).toEqual([[], ["sending SUBSCRIBE to gateway 2: too much waits"]]);
  fault = new RangeError("a mistake of ours");
  expect(() => want(PEER, "a")).toThrow("a mistake of ours");
  fault = null;
  subscriptions.tellChanges();
  expect(told).toHaveLength(1);
});

test("one that an earlier gateway made waits on; one that cannot be read is told anew", () => {
  const kept = (text: string) => {
    const bytes = Buffer.concat([Buffer.alloc(EPOCH_BYTES), Buffer.from(text)]);
    const view = { route: { dst: PEER }, bytes, bodyStart: 0, end: bytes.length, reqtype: Reqtype.REQUEST };
    return subscriptions.kept({ origin: 1n, epoch: 6n, lane: 2, seq: 9 }, view as never);
  };
  const over = kept('{"devices":["a"]}');
  want(PEER, "a");
  expect(told).toEqual([]);
  over("delivered", false, undefined as never);
  subscriptions.introduced({} as never); // its peer is another: nobody is told
  kept("no JSON");
  want(PEER, "a");
  expect(told).toEqual(['2 {"devices":["a"]}']);
});

test("an answer is believed of who was asked, when it can be read, and says no in words", () => {
  expect(answer(PEER, { gateway: "attic", devices: ["a"] })).toEqual({});
  want(PEER, "a");
  expect(answer(PEER, "odd")).toEqual({});
  expect(answer(PEER, { gateway: "attic", devices: ["a"] }).changes).toEqual([
    { key: "n/2", value: { name: "attic" } },
  ]);
  expect(answer(PEER, {}, WireError.BAD_FRAME)).toEqual({});
  expect(complaints).toEqual(["BAD_FRAME"]);
});

test("one that ended on its way is told of; another frame is not ours", () => {
  want(PEER, "a");
  const id = { origin: 1n, epoch: 7n, lane: 2, seq: 1 };
  expect(subscriptions.refused({ ...id, seq: 5 }, WireError.NO_ROUTE, "away")).toBeNull();
  expect(subscriptions.refused(id, WireError.NO_ROUTE, "away")).toEqual({});
  expect(complaints).toEqual(["NO_ROUTE: away"]);
});
