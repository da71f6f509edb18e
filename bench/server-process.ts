/** Servers of other people as processes: when they are there, and what CPU they took. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";

const PORT_POLL_MS = 20;
const START_TIMEOUT_MS = 10_000;
/** A tick of /proc, ns: USER_HZ is 100 on every Linux that Node runs on. */
const TICK_NS = 1e7;

/** User and system time of a process, ns. */
export function cpuNsOf(pid: number): number {
  const [utime, stime] = readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ")
    .slice(11, 13);
  return (Number(utime) + Number(stime)) * TICK_NS;
}

/** Resolves once something accepts connections there. */
export async function listening(port: number): Promise<void> {
  for (let waited = 0; waited < START_TIMEOUT_MS; waited += PORT_POLL_MS) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, PORT_POLL_MS));
  }
  throw new Error(`port ${port}: nothing listens after ${START_TIMEOUT_MS} ms`);
}
