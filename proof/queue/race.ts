/**
 * Two threads that race for packets: one withdraws each while the other writes it (R8.1). A round of them waits in the
 * queue, in the order in which the other thread added them; both meet before each, and then claim.
 */
import { MessageChannel, threadId, Worker } from "node:worker_threads";
import type { Outcome, Packet } from "../../host/queue/packet.ts";
import { PeerHub } from "../../host/queue/peer-hub.ts";
import type { PeerKey } from "../../host/queue/peer-messages.ts";
import { PeerQueue } from "../../host/queue/peer-queue.ts";
import type { SessionQueue } from "../../host/queue/session-queue.ts";
import { hold } from "../proof.ts";
import { Meeting, newWords, ROUND, Word } from "./meeting.ts";

/** What the withdrawer says of a round, once all its packets have an outcome. */
export interface RoundReport {
  outcomes: Outcome[];
  /** Outcomes told beyond one for each. */
  repeated: number;
}

export interface RaceCounts {
  written: number;
  withdrawn: number;
  /** Packets that both won, or none. */
  undecided: number;
}

/** Races for `packets` packets against a withdrawer of this source. */
export async function race(source: string, seed: number, packets: number): Promise<RaceCounts> {
  const words = newWords();
  const { port1, port2 } = new MessageChannel();
  const key: PeerKey = { id: 1n, generation: 1 };
  const hub = threadId;
  const queue = new PeerQueue({
    now: () => 0,
    signal: setImmediate,
    window: { packets: 4 * ROUND, bytes: 2 ** 30 },
  });
  const table = { peers: () => [key], queueOf: () => queue, now: () => 0 };
  const peerHub = new PeerHub(port1, table);
  peerHub.start();
  const worker = new Worker(source, {
    eval: true,
    workerData: { words, port: port2, seed: seed + 1 },
    transferList: [port2],
  });
  const reports = messagesOf<RoundReport>(worker);
  const counts: RaceCounts = { written: 0, withdrawn: 0, undecided: 0 };
  const writer = new Writer(new Meeting(words, Word.WRITER, Word.WITHDRAWER, seed));
  writer.session = queue.openSession(writer);
  try {
    while (counts.written + counts.withdrawn + counts.undecided < packets) {
      while (queue.count < ROUND) await new Promise((resolve) => setImmediate(resolve));
      queue.processPacketQueue();
      writer.run();
      const { value } = await reports.next();
      count(counts, writer.written, words, value!);
    }
  } finally {
    await worker.terminate();
    peerHub.stop();
  }
  hold(writer.threads.size === 1 && writer.threads.has(hub), "R5.1: another thread has touched the lists");
  return counts;
}

/** The session's transport, which meets the other thread right before each claim. */
class Writer {
  session: SessionQueue | null = null;
  readonly threads = new Set<number>();
  written = new Uint8Array(ROUND);
  private turn = 0;
  private left = 0;

  constructor(private readonly meeting: Meeting) {}

  run(): void {
    this.written = new Uint8Array(ROUND);
    this.left = ROUND;
    this.session!.pump();
    this.session!.acknowledged(this.session!.unacknowledged);
  }

  canWrite(): boolean {
    if (this.left === 0) return false;
    this.left--;
    this.meeting.at(++this.turn);
    return true;
  }

  write({ body }: Packet): void {
    this.threads.add(threadId);
    this.written[body.bytes[0]]++;
  }
}

function count(counts: RaceCounts, written: Uint8Array, words: Int32Array, report: RoundReport): void {
  hold(report.repeated === 0, `G3: ${report.repeated} outcomes are told twice`);
  for (let i = 0; i < ROUND; i++) {
    const hasWon = words[Word.WON + i] === 1;
    if (hasWon === written[i] > 0) counts.undecided++;
    else if (hasWon) counts.withdrawn++;
    else counts.written++;
    if (hasWon !== written[i] > 0)
      hold(report.outcomes[i] === (hasWon ? "cancelled" : "delivered"), `G3: told ${report.outcomes[i]}`);
  }
}

async function* messagesOf<T>(worker: Worker): AsyncGenerator<T, undefined> {
  const got: T[] = [];
  let failed: Error | null = null;
  let wake = () => {};
  worker.on("message", (message: T) => {
    got.push(message);
    wake();
  });
  worker.on("error", (error: Error) => {
    failed = error;
    wake();
  });
  for (;;) {
    if (failed !== null) throw failed;
    if (got.length > 0) yield got.shift()!;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}
