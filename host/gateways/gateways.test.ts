/** Two gateways on loopback, each with its own listener and dialler, over real sockets. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { tcpRelay } from "../testing/relay.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { peersOf, TestGateways } from "./testing/test-gateways.ts";

const stops = stopAfterEach();
const KEY = Buffer.alloc(32, 3).toString("base64");
const count = (most: number, text = "") => Array.from({ length: most }, (_, i) => `${text}${i}`);

async function started(one: TestGateways): Promise<TestGateways> {
  stops.push(() => one.gateways.stop());
  await one.gateways.start();
  return one;
}

interface Sides {
  /** Of the peer, at each side. */
  five?: object;
  seven?: object;
  listen?: object;
  /** Of 5 for 7, and of 7 for 5. */
  keys?: [string?, string?];
}

/** 7 listens, and 5, the lower, is about to dial it. */
async function couple({ five: fives, seven: sevens, listen, keys = [] }: Sides = {}) {
  const [fiveKey, sevenKey] = keys;
  const seven = new TestGateways(7n, {
    listen: { port: 0, ...listen },
    connect: [{ id: "5", name: "low", ...sevens }],
  });
  if (sevenKey !== undefined) seven.keys.put("5", sevenKey, "the test");
  await started(seven);
  const five = new TestGateways(5n, {
    listen: { port: 0, enabled: false },
    connect: [{ id: "7", name: "high", host: "127.0.0.1", port: seven.port, ...fives }],
  });
  if (fiveKey !== undefined) five.keys.put("7", fiveKey, "the test");
  return { five, seven };
}

/** Frames that both send until each has those of the other. */
async function talk(five: TestGateways, seven: TestGateways, most = 20): Promise<void> {
  const [low, high] = [seven.peer(5), five.peer(7)];
  const [before, after] = [low.got.length, high.got.length];
  for (let i = 0; i < most; i++) {
    high.send(`${before + i}`);
    low.send(`${after + i}`);
  }
  await seven.until("all of five's are there", () => low.got.length === before + most);
  await five.until("all of seven's are there", () => high.got.length === after + most);
  expect(low.got).toEqual(count(before + most));
  expect(high.got).toEqual(count(after + most));
}

test("two gateways find each other, and frames travel both ways, once and in order", async () => {
  const { five, seven } = await couple();
  await started(five);
  await talk(five, seven);
  expect([five.peer(7).told, seven.peer(5).told]).toEqual([["welcome, dialled"], ["welcome, listened"]]);
  const { said } = five.peer(7).sessions[0].introduced;
  expect([said.hostId, said.name, said.epoch, said.haveEpoch]).toEqual([7n, "gw-7", 7000n, 5000n]);
  expect(five.gateways.view()).toMatchObject([
    {
      id: "7",
      name: "high",
      generation: 1,
      state: "open",
      isDialled: true,
      says: "gw-7",
      epoch: "0000000000001b58",
      fault: "",
    },
  ]);
});

describe("keys", () => {
  test("the same key on both sides lets them speak, and go on after a cut by a proof", async () => {
    const { five, seven } = await couple({ keys: [KEY, KEY] });
    const relay = await tcpRelay(seven.port);
    stops.push(() => relay.stop());
    await five.gateways.apply(
      peersOf({
        listen: { enabled: false },
        connect: [{ id: "7", host: "127.0.0.1", port: Number(relay.boardEnd) }],
      }),
    );
    await started(five);
    await talk(five, seven);
    for (let cuts = 1; cuts <= 3; cuts++) {
      relay.breakNow();
      await five.until("cut", () => five.peer(7).told.at(-1) === "disconnected");
      five.gateways.dialNow();
      await talk(five, seven);
    }
    // One session all the time: no requeue, no repeat.
    expect(five.peer(7).sessions).toHaveLength(1);
    expect(seven.peer(5).repeats).toBe(0);
  });

  test.each<[string, Sides, RegExp, RegExp]>([
    [
      "another key",
      { keys: [KEY, Buffer.alloc(32, 4).toString("base64")] },
      /7 does not prove its key: it is another/,
      /5 refuses our proof/,
    ],
    [
      "a key on the listener's side only",
      { keys: [undefined, KEY] },
      /7 wants a key proved/,
      /5 refuses our proof/,
    ],
    [
      "a key on the dialler's side only",
      { keys: [KEY, undefined] },
      /7 does not prove its key: it has none for us/,
      /^introduced$/,
    ],
  ])("%s, and they do not speak", async (_, sides, atFive, atSeven) => {
    const { five, seven } = await couple(sides);
    await started(five);
    await five.until("refused", () => five.lines.some((line) => atFive.test(line)));
    await seven.until("told", () => seven.lines.some((line) => atSeven.test(line)));
    expect(five.peer(7).told).toEqual([]);
    expect(five.gateways.view()[0].fault).toMatch(atFive);
  });

  test("one whose key is taken loses its sessions, and finds none again", async () => {
    const { five, seven } = await couple({ keys: [KEY, KEY] });
    await started(five);
    await talk(five, seven);
    seven.keys.remove("5");
    seven.keys.draw("6"); // nobody is let in without
    expect(seven.gateways.keyChanged(5n)).toBe(1);
    await five.until("over", () => five.peer(7).told.at(-1) === "closed: CLOSED");
    five.gateways.dialNow();
    await five.until("refused", () =>
      /another than ours, or it does not know us/.test(five.gateways.view()[0].fault),
    );
    expect(seven.peer(5).told.at(-1)).toBe("closed: KEY_REVOKED");
  });
});

test("one that does not know us says so, and what mends it", async () => {
  const { five, seven } = await couple({ seven: { id: "6" } });
  await started(five);
  await five.until("refused", () => five.gateways.view()[0].fault !== "");
  expect(five.gateways.view()[0].fault).toBe(
    "7 refuses our introduction with UNKNOWN_HOST; it does not know 5: list that in its peers.connect",
  );
  expect(seven.lines).toEqual(["introduction refused: 5 is none of peers.connect"]);
});

test("another gateway than the one that was meant is told apart", async () => {
  const { five } = await couple({ five: { id: "8" } });
  await started(five);
  await five.until("refused", () => five.gateways.view()[0].fault !== "");
  expect(five.gateways.view()[0].fault).toBe("8 is 7: another gateway listens there");
});

test("nobody there: the next address is tried, and the reason told once", async () => {
  const nobody = await tcpRelay(1);
  const port = Number(nobody.boardEnd);
  await nobody.stop();
  const { five, seven } = await couple();
  const way = { id: "7", host: "127.0.0.1", port, addresses: [`127.0.0.1:${seven.port}`] };
  await five.gateways.apply(peersOf({ listen: { enabled: false }, connect: [way] }));
  await started(five);
  await talk(five, seven, 1);
  expect(five.lines).toEqual([
    `not connected: connecting to 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    "introduced",
  ]);
});

test("beyond loopback a gateway without a key and without TLS is not spoken to", async () => {
  const { five } = await couple({ five: { host: "192.0.2.1" } });
  await started(five);
  await five.until("refused", () => five.gateways.view()[0].fault !== "");
  expect(five.gateways.view()[0].fault).toBe(
    "connecting to gateway 7 at 192.0.2.1: there is no key for it, so anyone could answer; allowed: a key, or peers.connect[].tls",
  );
});

test("a listener beyond loopback does not start without a key or certificates", async () => {
  const seven = new TestGateways(7n, { listen: { host: "0.0.0.0", port: 0 }, connect: [{ id: "5" }] });
  stops.push(() => seven.gateways.stop());
  await expect(seven.gateways.start()).rejects.toMatchObject({ code: "PEERS_INSECURE" });
  seven.keys.draw("5");
  await seven.gateways.start();
  expect(seven.port).toBeGreaterThan(0);
});

describe("the configuration is read anew", () => {
  const listen = { port: 0 };

  test("what has not changed goes on; limits reach the peer; a removed one ends; added again it is another", async () => {
    const { five, seven } = await couple();
    await started(five);
    await talk(five, seven);
    const first = seven.gateways.registry.findPeer("low");
    const connect = [
      { id: "5", name: "low" },
      { id: "6", dial: "never" },
    ];
    expect(await seven.gateways.apply(peersOf({ listen, connect }))).toEqual({
      added: ["6"],
      changed: [],
      removed: [],
    });
    await talk(five, seven);
    connect[0] = { ...connect[0], limits: { maxPackets: 9 } } as never;
    expect(await seven.gateways.apply(peersOf({ listen, connect }))).toEqual({
      added: [],
      changed: ["5"],
      removed: [],
    });
    await talk(five, seven);
    expect(seven.peer(5).told).toEqual(["welcome, listened", "limits 9"]);
    expect(first.peer).toBe(seven.peer(5));

    expect(await seven.gateways.apply(peersOf({ listen, connect: connect.slice(1) }))).toEqual({
      added: [],
      changed: [],
      removed: ["5"],
    });
    expect(seven.peer(5).told.slice(2)).toEqual(["removed", "disconnected", "closed: PEER_REMOVED"]);
    expect(() => first.peer).toThrow(expect.objectContaining({ code: "PEER_REMOVED" }));
    expect(() => seven.gateways.registry.findPeer(5n)).toThrow(
      expect.objectContaining({ code: "PEER_UNKNOWN" }),
    );
    await five.until("over", () => five.peer(7).told.at(-1) === "closed: CLOSED");

    expect(await seven.gateways.apply(peersOf({ listen, connect }))).toEqual({
      added: ["5"],
      changed: [],
      removed: [],
    });
    expect(seven.gateways.registry.findPeer("5").generation).toBe(2);
    five.gateways.dialNow();
    await seven.until("known again", () => seven.peer(5).session !== null);
    expect([seven.peer(5).told, seven.peers.get("5")?.[0].session]).toEqual([["welcome, listened"], null]);
  });

  test("the first gateway that is configured is listened for, and the last one takes the listener with it", async () => {
    const seven = await started(new TestGateways(7n, { listen }));
    expect(seven.gateways.address).toBeNull();
    await seven.gateways.apply(peersOf({ listen, connect: [{ id: "5" }] }));
    expect(seven.port).toBeGreaterThan(0);
    await seven.gateways.apply(peersOf({ enabled: false, listen, connect: [{ id: "5" }] }));
    expect(seven.gateways.address).toBeNull();
    expect(seven.peer(5).told).toEqual(["removed"]);
  });

  test("under traffic nothing that travels between others is lost", async () => {
    const { five, seven } = await couple();
    await started(five);
    for (let i = 0; i < 200; i++) {
      five.peer(7).send(`${i}`);
      if (i % 20 === 0) {
        const extra = i % 40 === 0 ? [{ id: "6", dial: "never" }] : [];
        await seven.gateways.apply(peersOf({ listen, connect: [{ id: "5", name: "low" }, ...extra] }));
      }
    }
    await seven.until("all there", () => seven.peer(5).got.length === 200);
    expect(seven.peer(5).got).toEqual(count(200));
    expect(seven.peer(5).told).toEqual(["welcome, listened"]);
  });
});

describe.skipIf(!isOpensslAvailable)("TLS (needs openssl)", () => {
  const files = () => {
    const ours = new Authority(mkdtempSync(join(tmpdir(), "bowline-peers-tls-")), "ours");
    stops.push(() => rmSync(join(ours.cert, ".."), { recursive: true, force: true }));
    return ours;
  };

  test("certificates that name both ends stand for keys: by host id, or by the name in the configuration", async () => {
    const ours = files();
    const [five, seven] = [ours.sign("low"), ours.sign("7")];
    const sides = await couple({
      listen: { tls: { ...seven, ca: ours.cert } },
      five: { tls: { ...five, ca: ours.cert } },
    });
    sides.seven.keys.draw("6"); // nobody is let in for want of keys
    await started(sides.five);
    await talk(sides.five, sides.seven);
  });

  test("a certificate of another name is nobody's, and one of another authority is not spoken to", async () => {
    const ours = files();
    const theirs = files();
    const sides = await couple({
      listen: { tls: { ...ours.sign("7"), ca: ours.cert } },
      five: { tls: { ...ours.sign("six"), ca: ours.cert } },
    });
    sides.seven.keys.draw("6");
    await started(sides.five);
    await sides.five.until("refused", () => sides.five.gateways.view()[0].fault !== "");
    expect(sides.five.gateways.view()[0].fault).toBe("7 wants a key proved, and there is none for it here");

    const others = await couple({
      listen: { tls: { ...theirs.sign("7"), ca: ours.cert } },
      five: { tls: { ...ours.sign("low"), ca: ours.cert } },
    });
    await started(others.five);
    await others.five.until("refused", () => others.five.gateways.view()[0].fault !== "");
    expect(others.five.gateways.view()[0].fault).toMatch(/certificate/);
  });
});
