/** A store, a nats-server that is not started yet, and upstreams of the one to the other, for tests: all are gone after each. */
import { afterEach, beforeEach, expect } from "vitest";
import { configSchema } from "../../config/schema.ts";
import { silentLog } from "../../platform/log.ts";
import { until } from "../../platform/testing/until.ts";
import type { DurableStore } from "../../store/durable-store.ts";
import { folderForEach } from "../../testing/folders.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { appendTo, openTestStore } from "../../testing/stores.ts";
import { NatsUpstream } from "../nats-upstream.ts";
import { NatsServer, type Observer, observer, type Stored } from "./nats-server.ts";

interface Begin {
  settings?: object;
  gateway?: string;
}

/** To be called at the top of a file of tests. */
export function natsStage() {
  const folder = folderForEach("nats");
  const stops = stopAfterEach();
  const stage = {
    folder,
    stops,
    store: undefined as unknown as DurableStore,
    server: undefined as unknown as NatsServer,
    /** Messages that boards have said. */
    said: 0,

    async startServer(): Promise<Observer> {
      const { server } = stage;
      stops.push(() => server.kill());
      await server.start();
      const seen = await observer(server.url);
      stops.push(() => seen.close());
      return seen;
    },

    async begin({ settings = {}, gateway = "gw-1" }: Begin = {}): Promise<NatsUpstream> {
      const { server, store } = stage;
      const given = { servers: [server.url], from: "oldest", timeoutS: 2, ...settings };
      const { nats } = configSchema.parse({ nats: given });
      const clock = { now: () => performance.now(), wall: () => 0 };
      const one = new NatsUpstream(nats, { gateway, store, clock, log: silentLog });
      stops.push(() => one.stop(0));
      await one.load();
      one.start();
      return one;
    },

    /** Boards b0…b2 say so many more, in turn. */
    async say(count: number, content: (seq: number) => object = () => ({})): Promise<void> {
      const all = [];
      for (let i = 0; i < count; i++) {
        const seq = ++stage.said;
        all.push(appendTo(stage.store, `b${seq % 3}`, seq, { ot: "l:v", seq, ...content(seq) }));
      }
      await Promise.all(all);
    },

    /** Each once, each board's in order. */
    expectEachOnce(stored: Stored[], count?: number): void {
      const ids = stored.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(count ?? stage.said);
      for (const board of ["b0", "b1", "b2"]) {
        const own = stored.filter(({ body }) => body.device === board).map(({ body }) => Number(body.seq));
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
    },
  };
  beforeEach(async () => {
    stage.store = await openTestStore();
    stage.server = await NatsServer.on(folder());
    stage.said = 0;
  });
  afterEach(() => stage.store.stop());
  return stage;
}

export const taken = (one: NatsUpstream) =>
  until(() => expect(one.view()).toMatchObject({ behind: 0, fault: "" }));
