/** Ours over TCP: a session that sends, and the gateway's own session code that receives, each in its process. */
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import { SessionSender } from "./session-sender.ts";
import { Sink, startSessions, WINDOW_BYTES } from "./session-sink.ts";
import type { Workload } from "./workload.ts";

/** Bytes that are made before they are sent: what one turn of a busy program makes. */
export const TURN_BYTES = 65_536;

/** The gateway's side. */
export async function startSink(): Promise<FarEnd> {
  const sinks: Sink[] = [];
  const port = await startSessions((session) => {
    const sink = new Sink(session);
    sinks.push(sink);
    return sink;
  });
  return { port, delivered: () => sinks.reduce((sum, { packets }) => sum + packets, 0) };
}

/** Over TCP, to the far end of that name. */
export function sessionStream(messages: readonly Uint8Array[], farEnd: string): Workload {
  const sender = new SessionSender(WINDOW_BYTES);
  return streamOf(messages, TURN_BYTES, sender, async () => {
    const far = new FarProcess(farEnd);
    await far.start();
    await sender.start(far.port);
    return far;
  });
}

/** `messages` again and again, as many as the window lets, in turns of so many bytes. */
export function streamOf(
  messages: readonly Uint8Array[],
  turnBytes: number,
  sender: SessionSender,
  start: () => Promise<FarProcess>,
): Workload {
  let far: FarProcess;
  let wanted = 0;
  return {
    messages: messages.length,
    async start() {
      far = await start();
    },
    cycle() {
      wanted += messages.length;
      let next = 0;
      let isScheduled = false;
      return new Promise((resolve) => {
        const makeTurn = () => {
          isScheduled = false;
          let made = 0;
          while (next < messages.length && made < turnBytes && sender.send(messages[next]))
            made += messages[next++].length;
          sender.settle();
          if (next === messages.length) {
            sender.onRoom = () => {};
            resolve();
          } else if (made >= turnBytes) schedule();
        };
        const schedule = () => {
          if (!isScheduled) setImmediate(makeTurn);
          isScheduled = true;
        };
        // With room for a whole turn: smaller ones would cost a write each.
        sender.onRoom = () => sender.room >= turnBytes && schedule();
        makeTurn();
      });
    },
    finish: () =>
      new Promise((resolve) => {
        sender.onRoom = () => sender.acknowledged === wanted && resolve();
        sender.onRoom();
      }),
    delivered: () => far.delivered(),
    farCpuNs: () => far.cpuNs(),
  };
}
