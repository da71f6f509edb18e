/** Messages of boards behind other gateways, from the board's store to the subscriber's. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { Chain, type Site } from "./testing/service-net.ts";

let chain: Chain;
let near: Site;
let relay: Site;
let far: Site;

beforeEach(async () => {
  chain = new Chain(3);
  [near, relay, far] = chain.sites;
});
afterEach(() => chain.stop());

const seqs = ({ heard }: Site, device: string) =>
  heard.filter((one) => one.device === device).map(({ seq }) => seq);

async function start(wanted: [bigint, string[]][]): Promise<void> {
  near.wanted = new Map(wanted);
  await chain.start();
  chain.join();
}

/** Until the publisher knows. */
const subscribed = (site: Site) => until(() => site.services.feeds.all().length > 0);

describe("a subscription", () => {
  test("brings messages with the board's own epoch, number and time", async () => {
    await start([[2n, ["*"]]]);
    await subscribed(relay);
    await relay.say("sim-1", 12, { ot: "l:temp", v: 22.5, t: 1795301705120 });
    await until(() => near.heard.length === 1);
    expect(near.heard[0]).toEqual({
      ...{ n: 1, device: "gw2/sim-1", epoch: "00000000000000ee", seq: 12, t: 1795301705120 },
      ...{ at: expect.any(Number), message: { ot: "l:temp", v: 22.5, t: 1795301705120 } },
    });
    expect(await near.node.store.read(0, 10, "gw2/sim-1")).toHaveLength(1);
    expect(near.services.boards.views()).toMatchObject([{ id: "gw2/sim-1", delivered: 1, watermark: 12 }]);
  });

  test("reaches a gateway two hops away, and brings its name", async () => {
    await start([[3n, ["sim-*"]]]);
    await subscribed(far);
    await far.say("sim-1", 1);
    await far.say("other", 1);
    await far.say("sim-2", 1);
    await until(() => near.heard.length === 2);
    expect(near.heard.map(({ device }) => device)).toEqual(["gw3/sim-1", "gw3/sim-2"]);
    expect(relay.heard).toEqual([]);
  });

  test("never hands on what came from elsewhere", async () => {
    near.wanted = new Map([[2n, ["*"]]]);
    relay.wanted.set(1n, ["*"]).set(3n, ["*"]);
    await chain.start();
    chain.join();
    await Promise.all([subscribed(near), subscribed(relay), subscribed(far)]);
    await far.say("sim-1", 1);
    await near.say("sim-1", 1);
    await relay.say("sim-1", 1);
    await until(() => relay.heard.length === 2 && near.heard.length === 1);
    expect(near.heard.map(({ device }) => device)).toEqual(["gw2/sim-1"]);
    expect(relay.heard.map(({ device }) => device).sort()).toEqual(["gw1/sim-1", "gw3/sim-1"]);
  });

  test("catches up after an outage, in order, with no more frames ahead than leave soon", async () => {
    await start([[2n, ["*"]]]);
    await subscribed(relay);
    chain.lines[0].lose();
    for (let seq = 1; seq <= 600; seq++) await relay.say("sim-1", seq);
    const [feed] = relay.services.feeds.all();
    await until(() => feed.behind === 600 - 256);
    chain.join();
    await until(() => near.heard.length === 600);
    expect(seqs(near, "gw2/sim-1")).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
  });

  test("that changes, or ends, is told and heeded", async () => {
    await start([[2n, ["*"]]]);
    await subscribed(relay);
    near.services.subscriptions.configure(new Map([[2n, ["sim-2"]]]));
    near.services.peersChanged();
    await until(() => relay.services.feeds.all()[0].devices.includes("sim-2"));
    await relay.say("sim-1", 1);
    await relay.say("sim-2", 1);
    await until(() => near.heard.length === 1);
    expect(near.heard[0].device).toBe("gw2/sim-2");
    near.services.subscriptions.configure(new Map());
    near.services.peersChanged();
    await until(() => relay.services.feeds.all().length === 0);
    expect(await relay.node.store.records("f/")).toEqual([]);
    await until(async () => {
      await new Promise<void>((resolve) => near.node.store.keep([], resolve));
      return (await near.node.store.records("u/")).length === 0;
    });
  });

  test("ends at a publisher that takes the subscriber out of its configuration", async () => {
    await start([[2n, ["*"]]]);
    await subscribed(relay);
    relay.node.mesh.get(1n)!.remove();
    relay.services.peersChanged();
    expect(relay.services.feeds.all()).toEqual([]);
  });

  test("says how many messages the publisher's store gave up meanwhile", async () => {
    relay.node.storeOptions = { maxMessages: 300 };
    await start([[2n, ["*"]]]);
    await subscribed(relay);
    chain.lines[0].lose();
    for (let seq = 1; seq <= 1000; seq++) await relay.say("sim-1", seq);
    const [feed] = relay.services.feeds.all();
    chain.join();
    await until(() => seqs(near, "gw2/sim-1").at(-1) === 1000);
    expect(feed.missed).toBeGreaterThan(0);
    expect(near.services.events.counts.missed).toBe(feed.missed);
    expect(near.heard.length + feed.missed).toBe(1000);
  });
});

test("whatever is cut, lost, killed or fails to be written, each message comes once and in order", async () => {
  const seed = Number(process.env.SEED ?? 11);
  const random = seededRandom(seed);
  await start([
    [2n, ["*"]],
    [3n, ["*"]],
  ]);
  await Promise.all([subscribed(relay), subscribed(far)]);
  let seq = 0;
  for (let i = 0; i < 150; i++) {
    const dice = randomInteger(random, 0, 9);
    const line = chain.lines[randomInteger(random, 0, 1)];
    const site = chain.sites[randomInteger(random, 0, 2)];
    if (dice === 0) line.cut();
    else if (dice === 1) line.lose();
    else if (dice === 2 && random() < 0.4) await chain.restart(chain.sites.indexOf(site));
    else if (dice === 3) site.node.failCommit(random() < 0.5);
    else if (dice < 6) for (const one of chain.lines) if (!one.isJoined) one.join();
    seq++;
    for (const one of [relay, far]) await one.sayForSure("sim-1", seq);
    await new Promise((resolve) => setTimeout(resolve, randomInteger(random, 0, 2)));
  }
  const all = Array.from({ length: seq }, (_, i) => i + 1);
  let stored: DeliveredMessage[] = [];
  await until(async () => {
    for (const one of chain.lines) if (!one.isJoined) one.join();
    stored = await near.node.store.read(0, 10_000);
    return stored.length >= 2 * seq;
  });
  for (const device of ["gw2/sim-1", "gw3/sim-1"]) {
    const kept = stored.filter((one) => one.device === device).map((one) => one.seq);
    expect(kept, `seed ${seed}: ${device}`).toEqual(all);
  }
});
