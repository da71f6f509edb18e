/** P3 at work: a board that sends to a whole gateway as fast as it is acknowledged. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../host/config/load.ts";
import { Gateway } from "../host/gateway.ts";
import { silentLog } from "../host/platform/log.ts";
import type { DeliveredMessage } from "../host/store/store.ts";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import { SessionSender } from "./session-sender.ts";
import { WINDOW_BYTES } from "./session-sink.ts";
import { streamOf, TURN_BYTES } from "./stream-work.ts";
import type { Workload } from "./workload.ts";

/** A gateway of defaults, but for HTTP and `set`, and who is told of every message. `data`: a folder, or "memory". */
export async function startGateway(
  data: string,
  set: readonly string[],
  onMessage: (message: DeliveredMessage) => void,
): Promise<Gateway> {
  const all = ["tcp.port=0", "http.enabled=false", "monique.enabled=false", `data=${data}`, ...set];
  const gateway = new Gateway(loadConfig({ set: all, env: {}, cwd: "/", home: "/" }).config, silentLog);
  gateway.router.messages.subscribe(onMessage);
  await gateway.open();
  await gateway.start();
  return gateway;
}

/** Delivers to a consumer that counts; in a folder of its own, or in memory. */
export async function startStoring(where: "disk" | "memory"): Promise<FarEnd> {
  const data = where === "memory" ? "memory" : mkdtempSync(join(tmpdir(), "bench-gateway-"));
  let delivered = 0;
  const gateway = await startGateway(data, [], ({ message }) => {
    if (typeof message === "object") delivered++;
  });
  return {
    port: gateway.tcpAddress!.port,
    delivered: () => delivered,
    stop: () => data !== "memory" && rmSync(data, { recursive: true, force: true }),
  };
}

export function boardStream(messages: readonly Uint8Array[], farEnd: string): Workload {
  const sender = new SessionSender(WINDOW_BYTES);
  return streamOf(messages, TURN_BYTES, sender, async () => {
    const far = new FarProcess(farEnd);
    await far.start();
    await sender.startAs("board-1", far.port);
    return far;
  });
}
