/** The configuration of a run's gateway: as a user's, but on free ports, with quick heartbeats, and room for all of it. */
import { join } from "node:path";

/** ms; a silent connection is given up after two of them. */
const HEARTBEAT_MS = 500;
/** ms; the default is 20, which would make a run of short messages wait. */
const SYNC_MS = 5;

/** `paths`: of the boards' ports; `loses`: what was not flushed is lost with the process. */
export function gatewayConfig(folder: string, paths: readonly string[], loses: boolean): object {
  return {
    gateway: { id: "chaos" },
    data: join(folder, "data"),
    tcp: { port: 0 },
    http: { port: 0 },
    monique: { enabled: false },
    serial: paths.map((path) => ({ path, syncIntervalMaxMs: HEARTBEAT_MS })),
    session: { syncIntervalMinMs: SYNC_MS, syncIntervalMaxMs: HEARTBEAT_MS },
    store: { maxMessages: 100_000_000, maxBytes: 2 ** 40, faults: loses ? "dropUnflushed" : "none" },
    log: { level: "silent" },
  };
}
