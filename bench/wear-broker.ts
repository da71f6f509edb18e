/** W1's messages handed on to a real mosquitto, in time that is as quick as its commits. */
import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { configSchema } from "../host/config/schema.ts";
import { MqttUpstream } from "../host/mqtt/mqtt-upstream.ts";
import { RequestBook } from "../host/peers/request-book.ts";
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { startMosquitto } from "./mosquitto.ts";
import type { HandOn } from "./wear-work.ts";

/** Longer than any run: the clock of its connection runs quicker as well. */
const NEVER_MS = 1e9;

/** The newest values of every board are kept there, and here, by the clock. */
export const handOnToBroker: HandOn = async (store, boards) => {
  const broker = await startMosquitto();
  const sockets: Socket[] = [];
  channel("net.client.socket").subscribe(
    (message) => void sockets.push((message as { socket: Socket }).socket),
  );
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const { mqtt } = configSchema.parse({
    mqtt: { url, from: "oldest", homeAssistant: true, maxInFlight: 2 * boards.length, keepaliveS: 3600 },
  });
  const router = { submit: () => Promise.reject(new Error("nobody asks")), cancel: () => false };
  const requests = new RequestBook(store, systemClock);
  const facts = boards.map((id) => ({ id, connected: true, gateway: "", board: "PICO", firmware: "1" }));
  const services = { store, clock: systemClock, log: silentLog, gateway: "bench", boards: () => facts };
  const upstream = new MqttUpstream({ ...mqtt, url }, { ...services, router, requests }, { ackMs: NEVER_MS });
  await upstream.load();
  upstream.start();
  while (upstream.view().state !== "connected") await setTimeout(1);
  return {
    wake: () => upstream.wake(),
    view: () => upstream.view(),
    bytesSent: () => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    async stop() {
      await upstream.stop(0);
      broker.stop?.();
    },
  };
};
