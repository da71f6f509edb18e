/** A store, and MQTT upstreams of it at brokers, for tests: all are gone after each. */
import { beforeEach } from "vitest";
import { configSchema } from "../../config/schema.ts";
import { RequestBook } from "../../peers/request-book.ts";
import type { Log } from "../../platform/log.ts";
import { silentLog } from "../../platform/log.ts";
import type { DurableStore } from "../../store/durable-store.ts";
import { folderForEach } from "../../testing/folders.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { appendTo, openTestStore } from "../../testing/stores.ts";
import type { BoardFacts } from "../kept-facts.ts";
import { MqttUpstream } from "../mqtt-upstream.ts";
import { Broker, type Listener } from "./broker.ts";
import { FakeBroker } from "./fake-broker.ts";
import { Tap } from "./tap.ts";

interface Begin {
  gateway?: string;
  log?: Log;
  /** ms; of a clock that stands. */
  now?: () => number;
  ackMs?: number;
}

/** To be called at the top of a file of tests. */
export function mqttStage() {
  const folder = folderForEach("mqtt");
  const stops = stopAfterEach();
  const stage = {
    folder,
    stops,
    store: undefined as unknown as DurableStore,
    /** Those that the gateway has. */
    boards: [] as BoardFacts[],

    async startBroker(lines: readonly string[] = [], scheme = "mqtt"): Promise<Broker> {
      const broker = await Broker.make(lines, scheme);
      stops.push(() => broker.stop());
      await broker.start();
      return broker;
    },

    async startFake(properties: object = {}): Promise<FakeBroker> {
      const broker = await new FakeBroker(properties).start();
      stops.push(() => broker.stop());
      return broker;
    },

    async tapTo(port: number, version: 4 | 5 = 5): Promise<Tap> {
      const tap = await Tap.to(port);
      tap.version = version;
      stops.push(() => tap.stop());
      return tap;
    },

    async begin(settings: object, options: Begin = {}): Promise<MqttUpstream> {
      const { gateway = "gw1", log = silentLog, now = () => performance.now(), ackMs } = options;
      const config = configSchema.parse({ mqtt: { from: "oldest", ...settings } });
      const clock = { now, wall: () => 1_795_301_705_120 };
      const { url = "" } = config.mqtt;
      const { store } = stage;
      const router = { submit: () => Promise.reject(new Error("asked")), cancel: () => false };
      const requests = new RequestBook(store, clock);
      const services = { store, clock, log, gateway, boards: () => stage.boards, router, requests };
      // Each wait is the shortest there is.
      const one = new MqttUpstream({ ...config.mqtt, url }, services, {
        random: () => 0,
        ...(ackMs !== undefined && { ackMs }),
      });
      stops.push(() => one.stop(0));
      await one.load();
      one.start();
      return one;
    },

    /** It says those, in their order. */
    say: (device: string, ...numbers: number[]) =>
      Promise.all(numbers.map((seq) => appendTo(stage.store, device, seq, { ot: "l:temp", v: seq }))),
  };
  beforeEach(async () => {
    stage.store = await openTestStore();
    stage.boards = [];
    stops.push(() => stage.store.stop());
  });
  return stage;
}

export const board = (id: string, connected: boolean): BoardFacts => ({
  ...{ id, connected, gateway: "", board: "PICO_R1_3", firmware: "1" },
});
export const messagesOf = ({ heard }: Listener) => heard.filter(({ packet }) => !packet.retain);
export const idsOf = (listener: Listener) =>
  messagesOf(listener).map(({ text }) => (JSON.parse(text) as { id: string }).id);
/** As who drops repeats by their id has them. */
export const onceOf = (listener: Listener) => [...new Set(idsOf(listener))];
export const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
