/** Signals, losses, sessions and acknowledgements in any order (iotgw §12, P-model). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Memblock } from "./memblock.ts";
import { Packet } from "./packet.ts";
import { PeerQueue } from "./peer-queue.ts";
import type { SessionQueue } from "./session-queue.ts";

const PACKETS = 12;
const SESSIONS = 4;

/** All but the queue's own calls is a task, and the scheduler says which comes next. */
class Play {
  readonly arrived: number[] = [];
  readonly delivered: number[] = [];
  private added = 0;
  private readonly queue: PeerQueue;

  constructor(private readonly scheduler: fc.Scheduler) {
    this.queue = new PeerQueue({ now: () => 0, signal: (process) => this.later("signal", process) });
  }

  async run(): Promise<void> {
    for (let i = 0; i < PACKETS; i++) this.later("add", () => this.add());
    for (let i = 0; i < SESSIONS; i++) this.later("open", () => this.open(true));
    await this.scheduler.waitIdle();
    this.open(false);
    await this.scheduler.waitIdle();
  }

  private later(what: string, act: () => void): void {
    void this.scheduler.schedule(Promise.resolve(), what).then(act);
  }

  private add(): void {
    const owner = { onOutcome: ({ tag }: Packet) => void this.delivered.push(tag as number) };
    const body = Memblock.transfer(new Uint8Array(1))!;
    expect(this.queue.addPacket(Packet.of(body, { tag: ++this.added, owner }))).toBeNull();
  }

  /** A session that may be lost at any time after, of which the queue is told still later. */
  private open(isLosable: boolean): void {
    let isLost = false;
    const session: SessionQueue = this.queue.openSession({
      canWrite: () => !isLost,
      write: ({ tag }) => {
        const last = this.arrived.at(-1) ?? 0;
        if ((tag as number) > last) this.arrived.push(tag as number);
        this.later("acknowledge", () => session.acknowledged(isLost || session.isClosed ? 0 : 1));
      },
    });
    if (!isLosable) return;
    this.later("lose", () => {
      isLost = true;
      this.later("notice", () => this.queue.closeSession(session));
    });
  }
}

test("in whatever order they come, all packets arrive once, in order, and nobody is left waiting (R4.1, R5.3, R6.4)", async () => {
  const all = Array.from({ length: PACKETS }, (_, i) => i + 1);
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const play = new Play(scheduler);
      await play.run();
      expect([play.arrived, play.delivered]).toEqual([all, all]);
    }),
    { numRuns: 200 },
  );
});
