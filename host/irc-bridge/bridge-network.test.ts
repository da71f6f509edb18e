/** What a network of the bridge says, before there is a connection. */
import { expect, test } from "vitest";
import { defaultLimits } from "../irc-iot/limits.ts";
import type { Counters } from "../irc-iot/pack.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { openTestStore } from "../testing/stores.ts";
import { Addresses } from "./addresses.ts";
import { BridgeNetwork } from "./bridge-network.ts";

const CHANNEL = `#${"lab".repeat(16)}`;

async function make() {
  const store = await openTestStore();
  const clock = { now: () => 0, wall: () => 1_795_301_705_000 };
  const network = new BridgeNetwork({
    settings: {
      ...{ name: "n", host: "127.0.0.1", port: 6667, tls: false, nick: "g".repeat(30), user: "bowline" },
      ...{ realname: "x", sasl: null, channels: [{ name: CHANNEL }], flood: { burst: 5, perS: 1000 } },
      ...{ maxQueue: 256, retryMinMs: 10, retryMaxMs: 10, randomSource: () => 0 },
    },
    participant: {
      ...{ limits: defaultLimits, schemes: { scheme: "b85p" }, checksum: "", sign: null, peers: [] },
      ...{ random: () => 0.5, now: clock.now, wall: clock.wall },
    },
    ...{ routes: [], store, clock, log: silentLog, addresses: new Addresses("kitchen", "bowline@kitchen") },
    ...{ random: () => 0, nextOrder: () => "1", knows: () => true, say: () => "" },
    listener: { onDatum() {}, onPeopleLine() {}, onNick() {} },
  });
  await network.load({ lines: [], answers: [], routes: new Map() });
  const reserved = async () => (await store.records<Counters>("ic/"))[0][1];
  return { network, reserved };
}

test("ids are reserved as fast as they are used", async () => {
  const { network, reserved } = await make();
  const big = { ot: "l:big", src: "sim-1@kitchen", dst: "", text: "x".repeat(1000) };
  for (let i = 0; i < 3; i++) {
    const before = (await reserved()).did;
    for (let n = 0; n < 120; n++) network.sayDatumsOnce(CHANNEL, [big]);
    await until(async () => (await reserved()).did > before);
    expect((await reserved()).did).toBeGreaterThan(network.participant.counters.did);
  }
});

test("a line of words that is longer than its target has room for is cut, and said", async () => {
  const { network } = await make();
  network.sayOnce(CHANNEL, "ä".repeat(300));
  expect(network.edge.view().queue).toMatchObject({ control: 1, fresh: 0 });
});
