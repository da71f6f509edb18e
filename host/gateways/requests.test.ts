/** Requests to boards behind other gateways, from end to end. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { encodeCancel } from "../iotgw/ending.ts";
import { BowlineError } from "../platform/errors.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import type { HostSession } from "../session/host-session.ts";
import { parseEpoch } from "./message-id.ts";
import { Chain, type Site } from "./testing/service-net.ts";

let chain: Chain;
let near: Site;
let relay: Site;
let far: Site;

beforeEach(async () => {
  chain = new Chain(3);
  [near, relay, far] = chain.sites;
  far.boards = relay.boards = ["sim-1", "sim-2"];
  await chain.start();
});
afterEach(() => chain.stop());

const led = { ot: "l:led", on: true };

describe("a request to a board behind another gateway", () => {
  test("is done once, and its reply carries the number it was asked by", async () => {
    chain.join();
    const { rq, outcome } = await near.ask(2n, "sim-1", led);
    expect(await outcome).toEqual({ outcome: "delivered", reply: { re: rq, did: "l:led" } });
    expect(relay.done).toEqual([led]);
    expect(near.book.view(rq)).toMatchObject({ device: "2/sim-1", state: "delivered" });
  });

  test("that comes again gets its reply again, and is not done again", async () => {
    const { outcome } = await near.ask(2n, "sim-1", led);
    const [packet] = near.node.mesh.get(2n)!.queue.packets();
    const frame = new Uint8Array(packet.body.bytes);
    chain.join();
    await outcome;
    await until(() => relay.node.mesh.get(1n)!.queue.count === 0);
    const session = { accept() {}, end() {} } as unknown as HostSession;
    relay.node.mesh.get(1n)!.intake.take(session, frame, 0, frame.length, 9);
    await until(() => near.services.requests.counts.unmatched === 1);
    expect(relay.done).toEqual([led]);
  });

  test("goes over a gateway between", async () => {
    chain.join();
    const { outcome } = await near.ask(3n, "sim-2", led);
    expect(await outcome).toMatchObject({ outcome: "delivered" });
    expect([relay.done, far.done]).toEqual([[], [led]]);
  });

  test("with a key is the same request, whoever asks and in whichever life", async () => {
    const { rq } = await near.ask(2n, "sim-1", led, 60_000, { key: "a-key-of-mine" });
    await chain.restart(0);
    expect(near.book.byKey("a-key-of-mine")).toBe(rq);
    expect(near.book.asks(rq, "2/sim-1", led)).toBe(true);
    expect(near.book.view(rq)).toMatchObject({ state: "waiting" });
    chain.join();
    expect(await near.book.outcome(rq)).toMatchObject({ outcome: "delivered" });
    expect(relay.done).toEqual([led]);
  });

  test("that came and was not handed to its board when the gateway was killed is done in its turn", async () => {
    const deadline = Date.now() + 60_000;
    const changes = [11, 10, 9].map((seq) => ({
      key: `i/1.00000000000003e8.2.${seq}`,
      value: { device: "sim-1", message: { ot: "l:led", seq }, addedAt: Date.now(), deadline },
    }));
    await new Promise<void>((resolve, reject) =>
      far.node.store.put(changes, { onCommitted: resolve, onFailed: reject }),
    );
    await chain.restart(2);
    await until(() => far.done.length === 3);
    expect(far.done.map(({ seq }) => seq)).toEqual([9, 10, 11]);
  });

  test("to a board that is not there is rejected, with the boards that are", async () => {
    chain.join();
    const { rq, outcome } = await near.ask(2n, "nope", led);
    const reason = 'no board "nope"; known: sim-1, sim-2';
    expect(await outcome).toEqual({ outcome: "rejected", code: "DEVICE_UNKNOWN", reason });
    expect(near.book.view(rq)).toMatchObject({ state: "rejected", code: "DEVICE_UNKNOWN", reason });
  });

  test("to a gateway that no way leads to is not accepted", async () => {
    await expect(near.ask(9n, "sim-1", led)).rejects.toMatchObject({ code: "NO_ROUTE" });
    expect(near.book.views()).toEqual([]);
  });

  test("that a gateway between knows no way for is rejected", async () => {
    relay.node.mesh.get(3n)!.remove();
    chain.lines[0].join();
    const { outcome } = await near.ask(3n, "sim-1", led);
    expect(await outcome).toMatchObject({ outcome: "rejected", code: "NO_ROUTE" });
  });

  test("whose time is over before a byte left has expired, and never comes", async () => {
    const { outcome } = await near.ask(2n, "sim-1", led, 20);
    expect(await outcome).toEqual({ outcome: "expired" });
    chain.join();
    const later = await near.ask(2n, "sim-2", led);
    await later.outcome;
    expect(relay.done).toHaveLength(1);
  });

  test("whose time is over after it left is unknown, and the board need not go on", async () => {
    relay.isHolding = true;
    chain.join();
    // Far more than it takes to leave, also on a machine that stands still for a moment.
    const { outcome } = await near.ask(2n, "sim-1", led, 1500);
    expect(await outcome).toEqual({ outcome: "unknown", reason: "no answer in time" });
    await until(() => relay.services.served.depth === 0);
    expect(relay.book.views()).toMatchObject([{ state: "cancelled" }]);
  });

  test("of a peer that is removed is rejected when nothing left, and unknown when it did", async () => {
    const waits = await near.ask(2n, "sim-1", led);
    near.node.mesh.get(2n)!.remove();
    expect(await waits.outcome).toMatchObject({ outcome: "rejected", code: "PEER_REMOVED" });
    near.node.mesh.add(2n, null);
    relay.isHolding = true;
    chain.join();
    const left = await near.ask(2n, "sim-1", led);
    await until(() => relay.services.served.depth === 1);
    near.node.mesh.get(2n)!.remove();
    near.services.requests.forgetUnreachable();
    expect(await left.outcome).toMatchObject({ outcome: "unknown" });
  });
});

describe("cancelling", () => {
  test("before a byte left leaves no trace", async () => {
    const { rq, outcome } = await near.ask(2n, "sim-1", led);
    expect(near.services.requests.cancel(rq)).toBe(true);
    expect(await outcome).toEqual({ outcome: "cancelled" });
    chain.join();
    await (await near.ask(2n, "sim-2", { ot: "l:other" })).outcome;
    expect(relay.done).toEqual([{ ot: "l:other" }]);
    expect(relay.services.served.counts).toEqual({ served: 1, withdrawn: 0, refused: 0 });
  });

  test("while it is being accepted leaves no trace either", async () => {
    const controller = new AbortController();
    const asked = near.ask(2n, "sim-1", led, 60_000, { signal: controller.signal });
    controller.abort();
    chain.join();
    const { outcome } = await asked;
    expect(await outcome).toEqual({ outcome: "cancelled" });
    await (await near.ask(2n, "sim-2", { ot: "l:other" })).outcome;
    expect(relay.done).toEqual([{ ot: "l:other" }]);
  });

  test("after it left ends it at its board", async () => {
    far.isHolding = true;
    chain.join();
    const { rq, outcome } = await near.ask(3n, "sim-1", led);
    await until(() => far.services.served.depth === 1);
    near.services.requests.cancel(rq);
    expect(await outcome).toEqual({ outcome: "cancelled" });
    await until(() => far.services.served.depth === 0);
    far.asked.release();
    expect(far.done).toEqual([]);
    expect(far.cancels).toEqual([[1n, "l:led", "cancelled"]]);
  });

  test("after it left is known as told when the next gateway has the word, and not before", async () => {
    relay.isHolding = true;
    chain.join();
    const { rq } = await near.ask(2n, "sim-1", led);
    await until(() => relay.services.served.depth === 1);
    chain.lines[0].cut();
    near.services.requests.cancel(rq);
    let isTold = false;
    const told = near.services.requests.whenTold(rq)!.then(() => {
      isTold = true;
    });
    await until(() => near.node.mesh.get(2n)!.queue.count === 1);
    expect(isTold).toBe(false);
    chain.lines[0].join();
    await told;
    await until(() => relay.services.served.depth === 0);
    expect(near.services.requests.whenTold(rq)).toBeUndefined();
  });

  test("is not told to anybody when no word of it can be sent", async () => {
    chain.join();
    const { rq } = await near.ask(3n, "sim-1", led);
    const prepare = vi.spyOn(near.node.mesh, "prepare").mockImplementationOnce(() => {
      throw new BowlineError("NO_ROUTE", "no way there");
    });
    near.services.requests.cancel(rq);
    expect(prepare).toHaveBeenCalledOnce();
    const told = near.services.requests.whenTold(rq)!.then(() => "told");
    expect(await Promise.race([told, new Promise((resolve) => setImmediate(() => resolve("not yet")))])).toBe(
      "not yet",
    );
  });

  test("after it was answered finds it finished", async () => {
    chain.join();
    await (await near.ask(3n, "sim-1", led)).outcome;
    await near.node.mesh.send({
      ...{ dst: 3n, cmd: Command.CANCEL, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL, ttlMs: 60_000 },
      ...{ content: encodeCancel(Lane.NORMAL) },
      ref: { origin: 1n, epoch: parseEpoch(near.node.store.epoch), seq: 1 },
    });
    await until(() => far.cancels.length > 0);
    expect(far.cancels).toEqual([[1n, "l:led", "finished"]]);
  });

  test("stops it at a gateway between, which still has it", async () => {
    chain.lines[0].join();
    const { rq } = await near.ask(3n, "sim-1", led);
    await until(() => relay.node.mesh.get(3n)!.queue.count === 1);
    near.services.requests.cancel(rq);
    await until(() => relay.node.mesh.get(3n)!.queue.count === 0);
    chain.lines[1].join();
    await (await near.ask(3n, "sim-2", { ot: "l:other" })).outcome;
    expect(far.services.served.counts.served).toBe(1);
  });

  test("is remembered by the gateway whose board has it, which is killed before it has done anything", async () => {
    far.isHolding = true;
    chain.join();
    const { rq } = await near.ask(3n, "sim-1", led);
    await until(() => far.services.served.depth === 1);
    const killed = new Promise<void>((resolve) => {
      far.onWithdrawal = () => {
        far.node.kill();
        resolve();
      };
    });
    near.services.requests.cancel(rq);
    await killed;
    far.isHolding = false;
    far.onWithdrawal = () => {};
    await chain.restart(2);
    chain.join();
    await (await near.ask(3n, "sim-2", { ot: "l:other" })).outcome;
    expect(far.done).toEqual([{ ot: "l:other" }]);
  });

  /** For the frame that gets the second number: it overtakes. */
  const cancelOfTheNext = () =>
    near.node.mesh.send({
      ...{ dst: 3n, cmd: Command.CANCEL, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL, ttlMs: 60_000 },
      ...{ content: encodeCancel(Lane.NORMAL) },
      ref: { origin: 1n, epoch: parseEpoch(near.node.store.epoch), seq: 2 },
    });

  test.each(["the same life of its gateway", "the next"])(
    "that comes before the request is remembered: it is never done, by %s",
    async (life) => {
      chain.join();
      const withdrawn = new Promise<void>((resolve) => (far.onWithdrawal = resolve));
      await cancelOfTheNext();
      await withdrawn;
      expect(far.cancels).toEqual([[1n, "", "unknown"]]);
      if (life === "the next") {
        await chain.restart(2);
        chain.join();
      }
      const { outcome } = await near.ask(3n, "sim-1", led);
      expect(await outcome).toEqual({ outcome: "cancelled" });
      expect([far.done, far.services.served.counts.withdrawn]).toEqual([[], 1]);
    },
  );

  test("of another gateway's request is not heeded", async () => {
    chain.join();
    const epoch = parseEpoch(near.node.store.epoch);
    await relay.node.mesh.send({
      ...{ dst: 3n, cmd: Command.CANCEL, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL, ttlMs: 60_000 },
      ...{ content: encodeCancel(Lane.NORMAL), ref: { origin: 1n, epoch, seq: 1 } },
    });
    await until(() => far.services.served.counts.refused === 1);
    expect(far.cancels).toEqual([[2n, "", "refused"]]);
    expect(await (await near.ask(3n, "sim-1", led)).outcome).toMatchObject({ outcome: "delivered" });
  });
});

describe("an answer", () => {
  const reply = (seq: number, to = 1n) => ({
    ...{ dst: to, cmd: Command.DATA, reqtype: Reqtype.REPLY, lane: Lane.NORMAL, ttlMs: Infinity },
    ...{ content: Buffer.from('{"outcome":"delivered","reply":{"re":1}}') },
    ref: { origin: to, epoch: parseEpoch(near.node.store.epoch), seq },
  });

  test("of a gateway that was not asked, to a request that is over or was never made, is counted and nothing else", async () => {
    far.isHolding = true;
    chain.join();
    const { rq, outcome } = await near.ask(3n, "sim-1", led);
    await relay.node.mesh.send(reply(1));
    await until(() => near.services.requests.counts.unmatched === 1);
    await far.node.mesh.send(reply(99));
    await until(() => near.services.requests.counts.unmatched === 2);
    expect(near.book.view(rq)).toMatchObject({ state: "waiting" });
    await until(() => far.asked.held === 1);
    far.asked.release();
    expect(await outcome).toMatchObject({ outcome: "delivered" });
    await far.node.mesh.send(reply(1));
    await until(() => near.services.requests.counts.unmatched === 3);
  });

  test("whose commit fails and is there all the same is what became of the request", async () => {
    far.isHolding = true;
    chain.join();
    const { outcome } = await near.ask(3n, "sim-1", led);
    await until(() => far.asked.held === 1);
    near.node.failCommit(true, "x/");
    far.asked.release();
    expect(await outcome).toMatchObject({ outcome: "delivered", reply: { did: "l:led" } });
  });
});

describe("a gateway that is killed", () => {
  test("with a request it has accepted sends it once", async () => {
    const { rq } = await near.ask(2n, "sim-1", led);
    await chain.restart(0);
    chain.join();
    expect(await near.book.outcome(rq)).toMatchObject({ outcome: "delivered" });
    expect(relay.done).toEqual([led]);
  });

  test("with a request of another goes on with it, and answers", async () => {
    far.isHolding = true;
    chain.join();
    const { outcome } = await near.ask(3n, "sim-1", led);
    await until(() => far.services.served.depth === 1);
    far.isHolding = false;
    await chain.restart(2);
    chain.join();
    expect(await outcome).toMatchObject({ outcome: "delivered" });
    expect(far.done).toEqual([led]);
  });

  test("while it only hands on keeps what it has", async () => {
    chain.lines[0].join();
    const { outcome } = await near.ask(3n, "sim-1", led);
    await until(() => relay.node.mesh.get(3n)!.queue.count === 1);
    await chain.restart(1);
    chain.join();
    expect(await outcome).toMatchObject({ outcome: "delivered" });
    expect(far.done).toEqual([led]);
  });
});
