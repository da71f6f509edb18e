/** What a known gateway may say and no gateway of ours would: each is counted or refused, and what comes behind it is taken. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, FrameView } from "../iotgw/decode-frame.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import { encodeCancel } from "../iotgw/ending.ts";
import type { Frame } from "../iotgw/frame.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import { DataError, WireError } from "../iotgw/wire-error.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import type { HostSession } from "../session/host-session.ts";
import type { Introduced } from "./gateway-peer.ts";
import { encodeOutgoing, type Outgoing } from "./outgoing.ts";
import { encodeJson } from "./request-content.ts";
import { clock } from "./testing/mesh-net.ts";
import { Chain, type Site } from "./testing/service-net.ts";

let chain: Chain;
let relay: Site;
let seq: number;
/** How far the relay has counted as received. */
let accepted: number;

beforeEach(async () => {
  chain = new Chain(3);
  relay = chain.sites[1];
  relay.boards = ["sim-1"];
  seq = 1000;
  accepted = 0;
  await chain.start();
});
afterEach(() => {
  vi.restoreAllMocks();
  chain.stop();
});

const session = {
  accept: (count: number) => {
    accepted = count;
  },
  end() {},
} as unknown as HostSession;
let index = 0;

/** Bytes that the relay takes from its peer 1. */
function takeBytes(bytes: Uint8Array): void {
  relay.node.mesh.get(1n)!.intake.take(session, bytes, 0, bytes.length, index++);
}

/** A frame that says `hostId` made it. */
function take(hostId: bigint, outgoing: Partial<Outgoing> & Pick<Outgoing, "cmd" | "reqtype">): Uint8Array {
  const whole = { dst: 2n, lane: Lane.NORMAL, ttlMs: 60_000, content: new Uint8Array(0), ...outgoing };
  const frame = encodeOutgoing(whole, { hostId, epoch: 1n, seq: ++seq, maxHops: 16 });
  takeBytes(frame);
  return frame;
}

const committed = () =>
  new Promise<void>((resolve, reject) =>
    relay.node.store.whenCommitted({ onCommitted: resolve, onFailed: reject }),
  );
const led = encodeJson({ device: "sim-1", message: { ot: "l:led" } });
const ask = { cmd: Command.DATA, reqtype: Reqtype.REQUEST, content: led };
const bare: Frame = {
  ...{ reqtype: Reqtype.ASYNC, cmd: Command.DATA, cmdVersion: 1, error: 0 },
  rqid: 0,
  crc: false,
};

/** Frames that wait for a gateway, as it would read them. */
const waiting = (hostId: bigint): FrameView[] =>
  [...relay.node.mesh.get(hostId)!.queue.packets()].map(({ body: { bytes } }) => {
    const view = decodeFrame(bytes, 0, bytes.length, 65_536);
    if (!(view instanceof FrameView)) throw new TypeError(view.text);
    return view;
  });
const endsOf = (hostId: bigint) => waiting(hostId).map(({ cmd, error, body }) => [cmd, error || body[9]]);

describe("a frame", () => {
  const qos = { lane: 2, delivery: 0, ttlMs: 60_000 };
  const msgId = { origin: 1n, seq: 1 };

  test.each<[string, Uint8Array]>([
    ["that is none", Buffer.from("GET / HTTP/1.1")],
    ["with a number and no lane", encodeFrame({ ...bare, msgId }, new Uint8Array(8))],
    ["with a number and no epoch", encodeFrame({ ...bare, msgId, qos }, new Uint8Array(7))],
    [
      "in pieces, without a lane",
      encodeFrame({ ...bare, msgId, frag: { offset: 0, total: 9 } }, new Uint8Array(3)),
    ],
    [
      "in pieces, of which the first never came",
      encodeFrame({ ...bare, msgId, qos, frag: { offset: 4, total: 9 } }, new Uint8Array(3)),
    ],
  ])("%s is a fault, is counted as received, and the next is taken", async (_what, bytes) => {
    takeBytes(bytes);
    await committed();
    expect([relay.node.mesh.get(1n)!.counts.faults, accepted]).toEqual([1, index]);
    take(1n, ask);
    await until(() => relay.done.length === 1);
  });

  test("CREDIT that is cut off is a fault, and holds nothing back", async () => {
    takeBytes(encodeFrame({ ...bare, cmd: Command.CREDIT }, Uint8Array.of(1, 2)));
    await committed();
    expect(relay.node.mesh.get(1n)!.counts.faults).toBe(1);
  });

  test("without a route is for this gateway; a request that comes again so is answered again, and not done again", async () => {
    const frame = encodeNumbered(
      { ...bare, reqtype: Reqtype.REQUEST, msgId: { origin: 1n, seq: 7 }, qos },
      1n,
      led,
    );
    takeBytes(frame);
    await until(() => waiting(1n).length === 1);
    takeBytes(frame);
    await until(() => waiting(1n).length === 2);
    expect(relay.done).toHaveLength(1);
  });

  test("that comes again is not answered when it is a notification, or another gateway's", async () => {
    const event = { cmd: Command.EVENT, reqtype: Reqtype.ASYNC };
    const frames = [take(1n, event), take(1n, { ...ask, dst: 3n })];
    await committed();
    for (const frame of frames) takeBytes(frame);
    await committed();
    expect([relay.node.mesh.get(1n)!.intake.repeats, waiting(1n), waiting(3n).length]).toEqual([2, [], 1]);
  });

  test("whose time is over where it is handed on ends there, and who made it is told", async () => {
    take(1n, { ...ask, dst: 3n, ttlMs: 0 });
    await committed();
    expect([endsOf(1n), waiting(3n)]).toEqual([[[Command.NAK, WireError.EXPIRED]], []]);
  });

  test("that is not to be kept is handed on while the next gateway may come back, and is refused when it is away", async () => {
    take(1n, { ...ask, dst: 3n, isDirect: true });
    take(1n, { ...ask, dst: 3n });
    await committed();
    expect(waiting(3n)).toHaveLength(2);
    const { mesh } = relay.node;
    mesh.get(3n)!.tick();
    expect(waiting(3n)).toHaveLength(2);
    const now = clock.now();
    vi.spyOn(clock, "now").mockImplementation(() => now + 50_000);
    take(1n, { ...ask, dst: 3n, isDirect: true });
    await committed();
    expect([waiting(1n).length, waiting(3n).length], "refused at once").toEqual([1, 2]);
    mesh.get(3n)!.tick();
    await until(() => waiting(1n).length === 2);
    expect(waiting(3n)).toHaveLength(1);
    expect(endsOf(1n)).toEqual([
      [Command.NAK, WireError.NO_ROUTE],
      [Command.NAK, WireError.NO_ROUTE],
    ]);
    const outgoing = { dst: 3n, lane: Lane.NORMAL, ttlMs: 60_000, isDirect: true, ...ask };
    expect(() => mesh.prepare(outgoing)).toThrow("sending DATA to gateway 3: it is away");
  });

  test("that is dropped on its way is told to who made it, and to nobody when no way leads there", async () => {
    take(1n, { ...ask, dst: 3n });
    take(9n, { ...ask, dst: 3n });
    await committed();
    const { queue } = relay.node.mesh.get(3n)!;
    for (const packet of [...queue.packets()]) queue.finish(packet, "dropped-by-policy");
    await until(() => waiting(1n).length === 1);
    expect([endsOf(1n), queue.count]).toEqual([[[Command.NAK, WireError.QUEUE_FULL]], 0]);
  });
});

describe("a request", () => {
  test("of a gateway that no way leads to is done, once, and nobody is told", async () => {
    const frame = take(9n, ask);
    await until(() => relay.done.length === 1 && relay.services.served.depth === 0);
    takeBytes(frame);
    await committed();
    await until(() => relay.book.openViews().length === 0);
    expect([relay.done.length, waiting(1n), waiting(3n)]).toEqual([1, [], []]);
  });

  test("to a board that is gone when it comes to it is refused", async () => {
    take(1n, ask);
    relay.boards = [];
    await until(() => waiting(1n).length === 1);
    expect(waiting(1n)[0].error).toBe(DataError.DEVICE_UNKNOWN);
    expect([relay.done, relay.services.served.depth]).toEqual([[], 0]);
  });

  test("without an end to its life has as long as any may have", async () => {
    relay.isHolding = true;
    take(1n, { ...ask, ttlMs: Infinity });
    await until(() => relay.book.openViews().length === 1);
    const { deadline } = relay.book.openViews()[0];
    expect(deadline! - Date.now()).toBeGreaterThan(3_500_000);
    expect(deadline! - Date.now()).toBeLessThanOrEqual(3_600_000);
  });

  test("above a thousand that wait of one gateway is refused, one of another is not", async () => {
    relay.isHolding = true;
    for (let i = 0; i < 1000; i++) take(1n, ask);
    await committed();
    take(1n, ask);
    take(9n, ask);
    await committed();
    expect([waiting(1n).map(({ error }) => error), relay.services.served.depth]).toEqual([
      [WireError.QUEUE_FULL],
      1001,
    ]);
  });

  test("is not forgotten before its withdrawal is safe: its end goes out behind that", async () => {
    relay.isHolding = true;
    take(1n, ask);
    await until(() => relay.asked.held === 1);
    const { served } = relay.services;
    const frame = Object.assign(new FrameView(), { ref: { origin: 1n, epoch: 1n, seq }, qos });
    const id = { origin: 1n, epoch: 1n, lane: 0, seq: seq + 1 };
    const effect = served.cancel({
      frame,
      id,
      bytes: encodeCancel(Lane.NORMAL),
      start: 0,
      contentStart: 0,
      end: 1,
    });
    relay.asked.release();
    await until(() => relay.book.openViews().length === 0);
    await committed();
    expect([served.depth, waiting(1n)]).toEqual([1, []]);
    effect.onCommitted!();
    await until(() => served.depth === 0);
    expect([relay.cancels, waiting(1n).length]).toEqual([[[1n, "l:led", "finished"]], 1]);
  });
  const qos = { lane: 0, delivery: 0, ttlMs: 60_000 };

  test("is not withdrawn by a CANCEL that names none, or no lane", async () => {
    relay.isHolding = true;
    take(1n, ask);
    await until(() => relay.asked.held === 1);
    const cancel = { cmd: Command.CANCEL, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL };
    take(1n, { ...cancel, content: encodeCancel(Lane.NORMAL) });
    take(1n, { ...cancel, content: Uint8Array.of(9), ref: { origin: 1n, epoch: 1n, seq } });
    await committed();
    const refused = [1n, "", "refused"];
    expect([relay.cancels, relay.asked.held]).toEqual([[refused, refused], 1]);
  });

  test("an answer that names none is counted and nothing else", async () => {
    take(1n, { cmd: Command.DATA, reqtype: Reqtype.REPLY });
    await committed();
    expect(relay.services.requests.counts.unmatched).toBe(1);
  });
});

test("a message of a gateway that was not asked for any is counted and nothing else", async () => {
  const content = encodeJson({ device: "sim-1", epoch: "00000000000000ee", seq: 1, message: { v: 1 } });
  take(1n, { cmd: Command.EVENT, reqtype: Reqtype.ASYNC, content });
  await committed();
  expect([relay.services.events.counts.unasked, relay.heard]).toEqual([1, []]);
});

test("a subscription that finds no room for its answer begins, and is not answered; one that is none does not begin", async () => {
  const { queue, ending } = relay.node.mesh.get(1n)!.frames;
  queue.limits.maxPackets = ending.packets = 0;
  const subscribe = { cmd: Command.SUBSCRIBE, reqtype: Reqtype.REQUEST };
  take(1n, { ...subscribe, content: encodeJson({ devices: "all" }) });
  await committed();
  expect(relay.services.feeds.all()).toEqual([]);
  take(1n, { ...subscribe, content: encodeJson({ devices: ["*"] }) });
  await committed();
  expect([relay.services.feeds.all().length, queue.count]).toEqual([1, 0]);
});

describe("one that introduces itself again in its session", () => {
  /** A session that takes nothing, so that what is said to it waits. */
  function welcome(): { hear(cmd: Command): void } {
    const peer = relay.node.mesh.get(1n)!;
    const still = { ...session, setOwner() {}, bind() {}, pump() {}, canSend: () => false, via: "test" };
    const said = { haveEpoch: 0n, have: [0, 0, 0, 0], maxFrame: 65_536, name: "gw1" };
    const again = () =>
      encodeFrame({ ...bare, cmd: Command.INTRODUCE, reqtype: Reqtype.REPLY }, new Uint8Array(3));
    peer.welcome(still as unknown as HostSession, { said, again } as unknown as Introduced);
    const hear = (cmd: Command) => {
      const frame = encodeFrame({ ...bare, cmd }, new Uint8Array(0));
      peer.onPacket(frame, 0, frame.length, index++);
    };
    return { hear };
  }

  test("is answered while there is room for that, and what has no answer is passed over", async () => {
    const { queue } = relay.node.mesh.get(1n)!;
    const { hear } = welcome();
    hear(Command.INTRODUCE);
    hear(Command.EVENT);
    expect(waiting(1n).map(({ cmd }) => cmd)).toEqual([Command.INTRODUCE]);
    queue.limits.maxPackets = 1;
    hear(Command.INTRODUCE);
    expect(queue.count).toBe(1);
    relay.node.mesh.setRoutes(new Map([[1n, 3n]]));
    expect(queue.count, "what is for a session alone goes no other way").toBe(1);
    await committed();
  });

  test("is answered no more once it was taken out, and not what was said to it before its session was lost", async () => {
    const peer = relay.node.mesh.get(1n)!;
    const { hear } = welcome();
    hear(Command.INTRODUCE);
    welcome();
    expect(peer.queue.count).toBe(0);
    peer.remove();
    hear(Command.INTRODUCE);
    expect(peer.queue.count).toBe(0);
    await committed();
  });
});
