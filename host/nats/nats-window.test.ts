/** What was published and not acknowledged, long after the stream has forgotten its ids: nothing is repeated. */
import { beforeEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { appendTo } from "../testing/stores.ts";
import type { NatsUpstream } from "./nats-upstream.ts";
import { NatsRelay } from "./testing/nats-relay.ts";
import { isNatsInstalled, natsMissing, type Observer } from "./testing/nats-server.ts";
import { natsStage, taken } from "./testing/nats-stage.ts";

const at = natsStage();
const { begin, expectEachOnce, say, startServer, stops } = at;

describe.skipIf(!isNatsInstalled)(`beyond the window of its stream (${natsMissing})`, () => {
  /** More than a stream that was made anew has at the end. */
  const ACKNOWLEDGED = 60;
  const SHORT = { duplicate_window: 100e6 };
  let relay: NatsRelay;
  let settings: object;
  let seen: Observer;
  beforeEach(async () => {
    if (!isNatsInstalled) return;
    seen = await startServer();
    await seen.make(SHORT);
    relay = new NatsRelay(at.server.port);
    stops.push(() => relay.stop());
    settings = { servers: [await relay.start()] };
  });

  /** All were published and stand in the stream, and no acknowledgement came back. */
  async function unacknowledged(): Promise<NatsUpstream> {
    await say(ACKNOWLEDGED);
    const one = await begin({ settings });
    await taken(one);
    relay.held.toClient = true;
    await say(6);
    one.wake();
    const { manager } = seen;
    await until(async () =>
      expect((await manager.streams.info("bowline")).state.messages).toBe(ACKNOWLEDGED + 3),
    );
    return one;
  }

  /** What was published until now, the stream knows no longer. */
  async function windowOver(): Promise<void> {
    await seen.probe();
    await until(async () => expect(await seen.probe()).toBe(false));
  }

  test("a connection cut after the publish and before the acknowledgement repeats nothing", async () => {
    const one = await unacknowledged();
    await windowOver();
    relay.held.toClient = false;
    relay.cut();
    await say(3);
    await taken(one);
    expectEachOnce(await seen.stored());
  });

  test("a gateway killed there repeats nothing", async () => {
    const killed = await unacknowledged();
    await appendTo(at.store, "~clock", 1, { ot: "other" }); // what it kept for later is in the store
    relay.cut();
    relay.stop();
    void killed.stop(0);
    await windowOver();
    await say(3);
    const one = await begin({ settings: { types: ["l:v"] } });
    await taken(one);
    expectEachOnce(await seen.stored());
  });

  test("a gateway that has another name since repeats nothing", async () => {
    const killed = await unacknowledged();
    await appendTo(at.store, "~clock", 1, { ot: "other" });
    relay.cut();
    relay.stop();
    void killed.stop(0);
    await windowOver();
    const one = await begin({ gateway: "gw-renamed", settings: { types: ["l:v"], subject: "bowline.new" } });
    await say(3);
    one.wake();
    await taken(one);
    const stored = await seen.stored();
    expectEachOnce(stored);
    expect(stored.at(-1)?.subject).toMatch(/^bowline\.new\.gw-renamed\./);
  });

  test("a stream that was deleted and made anew is told what it has not acknowledged, once", async () => {
    const one = await unacknowledged();
    await seen.manager.streams.delete("bowline");
    await seen.make(SHORT);
    relay.held.toClient = false;
    relay.cut();
    await say(3);
    await taken(one);
    // What the first one acknowledged is of the past.
    expectEachOnce(await seen.stored(), at.said - ACKNOWLEDGED);
    // The new one counts from 1 again: what it has is found behind its own numbers.
    relay.held.toClient = true;
    await say(3);
    one.wake();
    await until(async () =>
      expect((await seen.manager.streams.info("bowline")).state.messages).toBe(at.said - ACKNOWLEDGED),
    );
    await windowOver();
    relay.held.toClient = false;
    relay.cut();
    await taken(one);
    expectEachOnce(await seen.stored(), at.said - ACKNOWLEDGED);
  });

  test("a stream that was purged meanwhile is told what was not acknowledged again, and nothing else", async () => {
    const one = await unacknowledged();
    await seen.manager.streams.purge("bowline");
    await windowOver();
    relay.held.toClient = false;
    relay.cut();
    await taken(one);
    expectEachOnce(await seen.stored(), 6);
  });
});
