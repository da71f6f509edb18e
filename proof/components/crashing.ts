/**
 * The hub killed with -9 under load and started again. Tasks come by HTTP, which says when each is kept, and from a plain
 * ZeroMQ socket, which nobody answers to; half of them are for a board. What was kept is done, a board does it once; what was
 * on its way over ZeroMQ when the hub died may be lost, and is counted.
 */
import { setTimeout } from "node:timers/promises";
import { lossCodes } from "../../host/cli/gateway/http-call.ts";
import type { TaskView } from "../../host/http/work-api.ts";
import { drawId } from "../../host/monique/id.ts";
import { BowlineError } from "../../host/platform/errors.ts";
import { LoadBoard } from "../gateway/load-board.ts";
import { hold } from "../proof.ts";
import { besideProgram, type House } from "./house.ts";
import { Ledger } from "./ledger.ts";
import type { Speaker } from "./speaker.ts";

const WORKERS = 2;
const SENDERS = 8;
/** Tasks in a life of the hub, at least, and of those that are kept. */
const LEAST_A_LIFE = 60;
const LEAST_KEPT = 25;
const MOST_MS = 4;
const PAUSE_MS = 10;
const AGAIN_MS = 20;
/** What a hub that is about to die has in its hands may have been sent so much earlier. */
const IN_FLIGHT_MS = 1500;
const BOARD_SPEC = "bowline_board";

interface Sent {
  id: string;
  i: number;
  isForBoard: boolean;
  /** By HTTP, and kept. */
  isKept: boolean;
  at: number;
}

export class CrashRun {
  private readonly sent: Sent[] = [];
  /** From a kill until the hub was there again. */
  private readonly outages: { from: number; to: number }[] = [];
  private readonly ledger: Ledger;
  private readonly board: LoadBoard;
  private isOver = false;
  private count = 0;

  constructor(
    private readonly house: House,
    private readonly speaker: Speaker,
    private readonly random: () => number,
  ) {
    this.ledger = new Ledger(house.folder);
    const target = () => house.gateway.tcp;
    this.board = new LoadBoard({ id: "board", target, bytes: 1, perSecond: 0 });
  }

  async play(crashes: number): Promise<string> {
    const { house, board } = this;
    board.start();
    try {
      for (let n = 1; n <= WORKERS; n++) await this.startWorker(n);
      await house.until(
        async () => (await house.component(BOARD_SPEC))?.components.some(({ isDown }) => !isDown) === true,
        () => "the board is there",
      );
      const senders = [...Array.from({ length: SENDERS }, () => this.keep()), this.say()];
      for (let n = 0; n < crashes; n++) await this.crash();
      this.isOver = true;
      await Promise.all(senders);
      await this.finish();
      await this.untilWell();
      return await this.judge();
    } finally {
      this.isOver = true;
      board.stop();
    }
  }

  /** Tasks by HTTP, each said again under its id until the hub says that it has it. */
  private async keep(): Promise<void> {
    while (!this.isOver) {
      const sent = this.next(true);
      for (let isKept = false; !isKept; ) {
        isKept = await this.post(sent);
        if (!isKept) await setTimeout(AGAIN_MS);
      }
      this.sent.push(sent);
    }
  }

  private async post({ id, ...sent }: Sent): Promise<boolean> {
    const { client } = this.house.gateway;
    if (client === undefined) return false;
    try {
      await client.post("api/v1/tasks", { id, ...contentOf(sent) });
      return true;
    } catch (error) {
      // It died over it: whether it has it is not known, so it is asked again.
      const code = error instanceof BowlineError ? error.code : "";
      hold(lossCodes.includes(code), () => `a task was refused: ${error}`);
      return false;
    }
  }

  private async say(): Promise<void> {
    while (!this.isOver) {
      const sent = this.next(false);
      this.sent.push(sent);
      const { spec, data } = contentOf(sent);
      this.speaker.ask(spec, data, { id: sent.id });
      await setTimeout(PAUSE_MS);
    }
    await this.speaker.whenSaid();
  }

  private next(isKept: boolean): Sent {
    const i = this.count++;
    return { id: drawId(), i, isForBoard: this.random() < 0.5, isKept, at: performance.now() };
  }

  private async crash(): Promise<void> {
    const { house, sent } = this;
    // What piled up while it was away has come, so that this life has its own load.
    const first = sent.length;
    const isTaken = () =>
      sent.some((one, n) => n >= first && !one.isKept && this.speaker.published.has(one.id));
    await house.until(isTaken, () => "a plain socket is heard again");
    const mark = sent.length + LEAST_A_LIFE * (1 + this.random());
    const kept = () => sent.filter(({ isKept }) => isKept).length;
    const keptMark = kept() + LEAST_KEPT;
    await house.until(
      () => kept() >= keptMark && sent.length >= mark,
      () => `${mark} tasks were sent, ${keptMark} of them kept: ${sent.length}, ${kept()}`,
    );
    // At a moment that has nothing to do with a look.
    await setTimeout(this.random() * 10);
    const from = performance.now();
    await house.gateway.kill();
    await house.gateway.start();
    this.outages.push({ from, to: performance.now() });
  }

  private async finish(): Promise<void> {
    const { house } = this;
    let open = -1;
    await house.until(
      async () => {
        const lists = await Promise.all(
          ["queued", "delivered", "running"].map((state) =>
            house.client.get(`api/v1/tasks?state=${state}&limit=10000`),
          ),
        );
        open = (lists as { tasks: TaskView[] }[]).reduce((sum, { tasks }) => sum + tasks.length, 0);
        if (open > 0) await setTimeout(AGAIN_MS);
        return open === 0;
      },
      () => `no task is open: ${open}`,
    );
  }

  /** Workers, the board and the hub itself are shown as alive, or as having come back. */
  private async untilWell(): Promise<void> {
    const names = ["proof_worker", BOARD_SPEC, "bowline_store"];
    for (const name of names)
      await this.house.until(
        async () => {
          const { components = [] } = (await this.house.component(name)) ?? {};
          return (
            components.length > 0 &&
            components.every(({ state }) => state === "alive" || state === "recovered")
          );
        },
        () => `${name} is well after the last start`,
      );
  }

  private async judge(): Promise<string> {
    const { sent, speaker, ledger, outages } = this;
    await ledger.read();
    const boardDid = new Map<number, number>();
    for (const { ot, i } of this.board.asked)
      if (ot === "work") boardDid.set(i as number, (boardDid.get(i as number) ?? 0) + 1);
    const timesDone = ({ id, i, isForBoard }: Sent) =>
      isForBoard ? (boardDid.get(i) ?? 0) : (ledger.ended.get(id)?.length ?? 0);
    const counts = { kept: 0, said: 0, lost: 0, again: 0, unheard: 0, board: 0 };
    for (const one of sent) {
      const times = timesDone(one);
      const story = () =>
        `task ${one.i} (${one.id}), ${one.isForBoard ? "for the board" : "for workers"}, by ${one.isKept ? "HTTP" : "ZeroMQ"}: done ${times} times`;
      if (one.isForBoard) hold(times <= 1, () => `the board did it again: ${story()}`);
      if (one.isForBoard && times === 1) counts.board++;
      if (times > 1) counts.again++;
      if (times > 0 && speaker.of(one.id, "result").length === 0) counts.unheard++;
      if (one.isKept) {
        counts.kept++;
        hold(times > 0, () => `kept and lost: ${story()}`);
        continue;
      }
      counts.said++;
      if (times > 0) continue;
      counts.lost++;
      const isExcused = outages.some(({ from, to }) => one.at >= from - IN_FLIGHT_MS && one.at <= to);
      hold(isExcused, () => `lost, and the hub was there: ${story()}`);
    }
    return (
      `hub killed with -9 ${outages.length} times: ${counts.kept} tasks that it had said it kept all done, ${counts.board} by a board, each ` +
      `once, ${counts.again} by workers again; of ${counts.said} that a plain socket sent ${counts.lost} lost, all of them in the moments ` +
      `about a kill; ${counts.unheard} answers not heard by who listened then`
    );
  }

  private async startWorker(n: number): Promise<void> {
    const command = [process.execPath, besideProgram("proof/worker.mjs")];
    const params = { creator: `worker-${n}`, worksFor: "proof_work", ledger: this.ledger.open() };
    await this.house.start("proof_worker", command, params);
  }
}

function contentOf({ i, isForBoard }: Pick<Sent, "i" | "isForBoard">): { spec: string; data: object } {
  if (isForBoard) return { spec: BOARD_SPEC, data: { ot: "work", i } };
  return { spec: "proof_work", data: { i, ms: (i * 7) % MOST_MS, how: i % 2 === 0 ? "heeds" : "computes" } };
}
