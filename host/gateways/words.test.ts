/** What people are shown of frames, queues and dead letters, and in which words what another gateway says is refused. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openKeys } from "../admission/key-store.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { Delivery } from "../iotgw/frame.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import { WireError } from "../iotgw/wire-error.ts";
import { MAX_DEPTH } from "../platform/json-depth.ts";
import { Memblock } from "../queue/memblock.ts";
import { Lane, Packet } from "../queue/packet.ts";
import { nowhere } from "../session/wire.ts";
import { folderForEach } from "../testing/folders.ts";
import { openTestStore } from "../testing/stores.ts";
import { parseAddress } from "./addresses.ts";
import { DeadLetters } from "./dead-letters.ts";
import { parseSubscribed } from "./event-content.ts";
import { keepHostId, readHostId } from "./host-id.ts";
import { LetterBox } from "./letter-box.ts";
import { Nonces } from "./nonces.ts";
import { noRoute, queueFull, tooBig } from "./outgoing.ts";
import { PeerAdmission } from "./peer-admission.ts";
import { queuedGateway } from "./queued-gateway.ts";
import { encodeJson, errorOf, parseOutcome, parseRequest } from "./request-content.ts";
import { Rqids } from "./rqids.ts";
import { clock } from "./testing/mesh-net.ts";
import { Chain, type Site } from "./testing/service-net.ts";

const folder = folderForEach("words");

describe("a queue to a gateway", () => {
  let chain: Chain;
  let near: Site;
  beforeEach(async () => {
    chain = new Chain(3);
    [near] = chain.sites;
    await chain.start();
  });
  afterEach(() => chain.stop());

  const shown = () => {
    const { mesh } = near.node;
    return queuedGateway(mesh.get(2n)!, mesh, near.services.names, clock);
  };
  const words = () => [...shown().queue!.packets()].map((packet) => shown().describe(packet));

  test("says of each frame what it means, whom it is for, who made it and how long it lives", async () => {
    await near.ask(2n, "sim-1", { ot: "l:led" }, 60_000);
    await near.ask(3n, "sim-2", { ot: "l:info" }, 60_000);
    const { mesh } = near.node;
    const frame = { dst: 3n, lane: Lane.NORMAL, ttlMs: Infinity };
    await mesh.send({ ...frame, cmd: Command.EVENT, reqtype: Reqtype.ASYNC, content: encodeJson({}) });
    await mesh.send({ ...frame, cmd: Command.DATA, reqtype: Reqtype.REQUEST, content: Buffer.from("{") });
    const ref = { origin: 3n, epoch: 7n, seq: 4 };
    await mesh.send({ ...frame, ref, cmd: Command.DATA, reqtype: Reqtype.REPLY, content: encodeJson({}) });
    expect(words()).toEqual([
      { what: "DATA request 2/sim-1 l:led", origin: "1", seq: 1, leftMs: expect.any(Number) },
      { what: "DATA request 3/sim-2 l:info", origin: "1", seq: 2, leftMs: expect.any(Number) },
      { what: "EVENT 3", origin: "1", seq: 3, leftMs: null },
      { what: "DATA request 3", origin: "1", seq: 4, leftMs: null },
      { what: "DATA reply 3", origin: "1", seq: 5, leftMs: null },
    ]);
    expect(words()[0]?.leftMs).toBeGreaterThan(30_000);
    expect(shown()).toMatchObject({ kind: "gateway", id: "2", name: "2", leadsTo: ["3"] });
  });

  test("has no words for what is no frame of ours, nor for what is nobody's message", () => {
    const of = (tag: unknown, bytes: Uint8Array) => Packet.of(Memblock.transfer(bytes)!, { tag } as never);
    expect(shown().describe(of(undefined, new Uint8Array(9)))).toBeNull();
    expect(shown().describe(of(1, new Uint8Array(9)))).toBeNull();
  });

  test("a frame is withdrawn from it", async () => {
    const asked = await near.ask(2n, "sim-1", { ot: "l:led" });
    const queue = shown();
    for (const packet of [...queue.queue!.packets()]) queue.withdraw(packet);
    expect(await asked.outcome).toMatchObject({ outcome: "cancelled" });
  });
});

describe("dead letters", () => {
  const dead = {
    ...({ outcome: "expired", maybeDelivered: false } as const),
    frame: encodeNumbered(
      {
        ...{ reqtype: Reqtype.ASYNC, cmd: Command.EVENT, cmdVersion: 1, error: 0, rqid: 0, crc: false },
        msgId: { origin: 7n, seq: 1 },
        route: { src: 7n, dst: 9n, hopsLeft: 3, hopsDone: 0, flags: 0 },
        qos: { lane: 2, delivery: Delivery.CUSTODY, ttlMs: 5 },
      },
      1n,
      Buffer.from("hot"),
    ),
  };

  async function box(known: { hostId: bigint; name: string }[]) {
    const letters = new DeadLetters(await openTestStore(), () => 1000);
    for (const peer of [8n, 9n, 9n]) letters.add(peer, dead);
    letters.add(8n, { ...dead, frame: Buffer.from("no frame") });
    const names = {
      all: () => known,
      find: (name: string) => known.find((one) => one.name === name)?.hostId,
      nameOf: (id: bigint) => known.find(({ hostId }) => hostId === id)?.name ?? `${id}`,
    };
    return new LetterBox(letters, names as never);
  }
  const attic = { hostId: 8n, name: "attic" };

  test("are listed by the names that gateways have here, of all or of one, also of one that is no peer any more", async () => {
    const letters = await box([attic]);
    expect(letters.list().map(({ name }) => name)).toEqual(["9", "9", "attic"]);
    expect(letters.list("attic").map(({ peer }) => peer)).toEqual(["8"]);
    expect(letters.list("9")).toHaveLength(2);
    expect([letters.clear("9"), letters.clear(), letters.list()]).toEqual([2, 1, []]);
  });

  test("of a gateway that nobody knows are none, and who may be meant is said", async () => {
    const ask = async (known: { hostId: bigint; name: string }[], name: string) => {
      const letters = await box(known);
      try {
        letters.list(name);
      } catch (error) {
        return (error as Error).message;
      }
    };
    const looking = "looking for dead letters of";
    expect(await ask([attic], "atic")).toBe(
      `${looking} atic: no gateway is called so; did you mean attic?; known: attic`,
    );
    expect(await ask([attic], "garage")).toBe(`${looking} garage: no gateway is called so; known: attic`);
    expect(await ask([], "attic")).toBe(`${looking} attic: no gateway is called so; no other is configured`);
  });
});

describe("what a request carries", () => {
  const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  const request = (value: unknown) => parseRequest(bytes(value), 0, bytes(value).length);
  const outcome = (error: number, value: unknown) =>
    parseOutcome(7, error, bytes(value), 0, bytes(value).length);

  test.each([
    ["{", "the request is no JSON object"],
    ["7", "the request is no JSON object"],
    ["\xff", "the request is no JSON object"],
    [{ message: { ot: "l:led" } }, "the request names no device"],
    [{ device: "sim-1" }, 'the request has no message {"ot":"TYPE",…}'],
    [{ device: "sim-1", message: { ot: 7 } }, 'the request has no message {"ot":"TYPE",…}'],
    [{ device: "sim-1", message: { ot: "" } }, 'the request has no message {"ot":"TYPE",…}'],
  ])("%j: %s", (value, words) => expect(request(value)).toBe(words));

  test("deeper than messages are it is none", () => {
    const deep = `${"[".repeat(3 * MAX_DEPTH)}${"]".repeat(3 * MAX_DEPTH)}`;
    expect(request(`{"device":"sim-1","message":{"ot":"l:x","v":${deep}}}`)).toBe(
      "the request is no JSON object",
    );
  });

  test("each outcome has its error, and comes out of it as it was", () => {
    const reply = { re: 3, on: true };
    for (const [end, error, said, heard] of [
      [
        { outcome: "delivered", reply },
        WireError.OK,
        { reply },
        { outcome: "delivered", reply: { re: 7, on: true } },
      ],
      [{ outcome: "expired" }, WireError.EXPIRED, {}, { outcome: "expired" }],
      [
        { outcome: "expired", reason: "late" },
        WireError.EXPIRED,
        { reason: "late" },
        { outcome: "expired", reason: "late" },
      ],
      [{ outcome: "cancelled" }, WireError.CANCELLED, {}, { outcome: "cancelled" }],
      [{ outcome: "unknown" }, WireError.REPLYTM, {}, { outcome: "unknown", reason: "no answer in time" }],
      [
        { outcome: "rejected", code: "X", reason: "no" },
        WireError.UNAUTHORIZED,
        { reason: "no" },
        { outcome: "rejected", code: "UNAUTHORIZED", reason: "no" },
      ],
    ] as const) {
      expect(errorOf(end as never)).toBe(error);
      expect(outcome(error, said)).toEqual(heard);
    }
  });

  test("an answer without a reply is not understood; of a reason that is no text nothing is kept, of a long one its beginning", () => {
    const unknown = { outcome: "unknown", reason: "the other gateway's answer is not understood" };
    for (const said of [{}, { reply: 7 }, { reply: [] }, "{"])
      expect(outcome(WireError.OK, said)).toEqual(unknown);
    expect(outcome(WireError.UNAUTHORIZED, { reason: 7 })).toMatchObject({ reason: "" });
    const long = outcome(WireError.UNAUTHORIZED, { reason: "x".repeat(5000) }) as { reason: string };
    expect(long.reason).toHaveLength(1000);
  });

  test("an answer to a subscription without its gateway or its boards is none, and other things are no boards", () => {
    const read = (value: unknown) => parseSubscribed(bytes(value), 0, bytes(value).length);
    for (const odd of ["{", {}, { gateway: 7, devices: [] }, { gateway: "attic", devices: "sim-1" }])
      expect(read(odd)).toBeNull();
    expect(read({ gateway: "attic", devices: ["sim-1", 7] })).toEqual({
      gateway: "attic",
      devices: ["sim-1"],
    });
  });
});

test("why a frame is not taken is said with what was to be sent, to whom, and what is so", () => {
  const frame = {
    ...{ dst: 9n, cmd: Command.DATA, reqtype: Reqtype.REQUEST, lane: Lane.NORMAL, ttlMs: 5 },
    content: new Uint8Array(0),
  };
  const shown = ({ code, message, exitCode }: { code: string; message: string; exitCode: number }) => [
    ...[code, message, exitCode],
  ];
  expect(shown(noRoute(frame, true))).toEqual(["NO_ROUTE", "sending DATA to gateway 9: it is away", 8]);
  expect(shown(noRoute(frame, false))).toEqual([
    ...["NO_ROUTE", "sending DATA to gateway 9: it is no peer, and no route leads to it", 3],
  ]);
  expect(queueFull(frame, { count: 3, bytes: 70 }).message).toBe(
    "sending DATA to gateway 9: 3 frames with 70 bytes wait on the way to it",
  );
  expect(tooBig(frame, 70_000, 65_536).message).toBe(
    "sending DATA to gateway 9: it has 70000 bytes, 65536 allowed",
  );
});

test("an address may have a port; what is none stays part of a name that is nobody's", () => {
  expect(parseAddress("attic.local", 7701)).toEqual({ host: "attic.local", port: 7701 });
  expect(parseAddress("attic.local:80", 7701)).toEqual({ host: "attic.local", port: 80 });
  expect(parseAddress("[::1]:80", 7701)).toEqual({ host: "::1", port: 80 });
  for (const odd of ["", "attic:", "attic:0", "attic:65536", "::1"])
    expect(parseAddress(odd, 7701)).toEqual({ host: odd, port: 7701 });
});

test("what is remembered of a session is bounded: the oldest goes, and then is as one that never was", () => {
  const nonces = new Nonces();
  const nonce = (n: number) => Uint8Array.of(n >> 8, n & 255);
  for (let n = 0; n < 4096; n++) expect(nonces.take(nonce(n))).toBe(true);
  expect(nonces.take(nonce(0))).toBe(false);
  expect([nonces.take(nonce(4096)), nonces.take(nonce(1)), nonces.take(nonce(0))]).toEqual([
    true,
    false,
    true,
  ]);
  const rqids = new Rqids();
  const request = (seq: number) => ({ origin: 7n, epoch: 1n, seq });
  for (let seq = 1; seq <= 10_001; seq++) rqids.set(request(seq), seq);
  rqids.set(request(20_000), 0);
  expect([1, 2, 2, 10_001, 20_000].map((seq) => rqids.take(request(seq)))).toEqual([0, 2, 0, 10_001, 0]);
});

test("a host number that cannot be read at all is told with its file, and not drawn over", async () => {
  mkdirSync(join(folder(), "host-id"));
  await expect(readHostId(folder())).rejects.toMatchObject({
    code: "HOST_ID_UNREADABLE",
    message: expect.stringContaining(join(folder(), "host-id")),
    mend: expect.stringContaining("gateway.hostId"),
  });
  await expect(keepHostId(folder(), undefined)).rejects.toMatchObject({ code: "HOST_ID_UNREADABLE" });
});

describe("who may introduce themselves", () => {
  const judge = (
    trust: { isInsecure: boolean; isLoopback: boolean },
    keys = openKeys("memory"),
    names: string[] = [],
  ) =>
    new PeerAdmission(
      keys,
      () => trust,
      () => "attic",
    ).judge(8n, { ...nowhere, names });
  const broken = () => {
    throw new Error("EACCES: permission denied");
  };

  test("a certificate with its number or its name, a key, or nobody who must prove one", () => {
    const strict = { isInsecure: false, isLoopback: false };
    expect(judge(strict, openKeys("memory"), ["8"])).toEqual({ kind: "admit" });
    expect(judge(strict, openKeys("memory"), ["attic"])).toEqual({ kind: "admit" });
    expect(judge(strict, openKeys("memory"), ["garage"]).kind).toBe("prove");
    expect(judge({ isInsecure: false, isLoopback: true })).toEqual({ kind: "admit" });
    expect(judge({ isInsecure: true, isLoopback: false })).toEqual({ kind: "admit" });
    const keys = openKeys("memory");
    const key = keys.draw("8");
    expect(judge(strict, keys)).toEqual({ kind: "prove", key: Buffer.from(key) });
  });

  test("where the keys cannot be read nobody, and why is said", () => {
    const reason = expect.stringContaining("EACCES: permission denied");
    const unreadable = { get: broken } as never;
    expect(judge({ isInsecure: true, isLoopback: true }, unreadable)).toEqual({ kind: "refuse", reason });
    const uncounted = Object.defineProperty({ get: () => undefined }, "isEmpty", { get: broken }) as never;
    expect(judge({ isInsecure: false, isLoopback: true }, uncounted)).toEqual({ kind: "refuse", reason });
  });
});
