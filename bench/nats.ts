/** NATS JetStream as a peer: nats-server of the Debian package, and its client of npm. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../host/testing/free-port.ts";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import { cpuNsOf, listening } from "./server-process.ts";
import { WindowedPublisher } from "./windowed-publisher.ts";
import type { Workload } from "./workload.ts";

const COMMAND = "/usr/sbin/nats-server";
const STREAM = "bench";
const SUBJECT = "lab.t1";

export const natsMissing = "nats-server is not installed: sudo apt-get install nats-server";

/** "nats-server 2.9.10"; undefined where it is not installed. */
export function natsVersion(): string | undefined {
  const { stdout, error } = spawnSync(COMMAND, ["--version"], { encoding: "utf8" });
  return error ? undefined : stdout.trim().replace(": v", " ");
}

/** A stream in files; by default it flushes them every two minutes. */
export async function startJetStream(): Promise<FarEnd> {
  const { connect } = await import("@nats-io/transport-node");
  const { jetstreamManager } = await import("@nats-io/jetstream");
  const folder = mkdtempSync(join(tmpdir(), "bench-nats-"));
  const port = await freePort();
  const child = spawn(COMMAND, ["-js", "-sd", folder, "-a", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
  });
  await listening(port);
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: STREAM, subjects: [SUBJECT], storage: "file" });
  return {
    port,
    delivered: async () => (await manager.streams.info(STREAM)).state.last_seq,
    cpuNs: () => cpuNsOf(child.pid!),
    stop() {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Publishes; each counts once its acknowledgement is back. */
export function jetStream(messages: readonly Buffer[], farEnd: string): Workload {
  const far = new FarProcess(farEnd);
  let publisher: WindowedPublisher;
  return {
    messages: messages.length,
    async start() {
      const { connect } = await import("@nats-io/transport-node");
      const { jetstream } = await import("@nats-io/jetstream");
      await far.start();
      const stream = jetstream(await connect({ servers: `127.0.0.1:${far.port}` }));
      publisher = new WindowedPublisher(messages, far, (message, done) => {
        stream.publish(SUBJECT, message).then(() => done(), done);
      });
    },
    tune: () => publisher.findWindow(),
    cycle: () => publisher.publish(messages.length),
    finish: () => publisher.finish(),
    delivered: () => far.delivered(),
    farCpuNs: () => far.cpuNs(),
  };
}
