/**
 * Kills under load. Tasks go to several workers, and meanwhile tasks that wait, are being done, have ended and never were are
 * killed over tech, HTTP and the command line; workers are killed with -9. Then everything is compared: what the requester
 * heard, what the workers wrote down, and what the hub said became of each kill.
 */
import { execFile } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import type { KillView, TaskView } from "../../host/http/work-api.ts";
import { drawId } from "../../host/monique/id.ts";
import { hold } from "../proof.ts";
import { besideProgram, type House } from "./house.ts";
import { Ledger } from "./ledger.ts";
import type { Program } from "./program.ts";
import type { Speaker } from "./speaker.ts";

const SPEC = "proof_work";
const WORKERS = 2;
/** Tasks that are open at once: so many wait that kills find them. */
const MOST_OPEN = 150;
/** Of the tasks: those that never end by themselves; those that are handed over by HTTP; kills for each. */
const ENDLESS = 0.02;
const BY_HTTP = 0.1;
const KILLS = 0.12;
const ENDLESS_MS = 3_600_000;
const MOST_MS = 5;
/** Of the way that is done: when a worker is shot. */
const SHOTS = [0.3, 0.65];
const CLI_KILLS = 3;
const AUDIT_LIMIT = 1000;
const KILLS_A_LOOK = 50;
const LOOK_MS = 5;

const targets = ["waiting", "running", "ended", "unknown"] as const;
type Target = (typeof targets)[number];

interface Kill {
  task: string;
  via: "tech" | "http";
  who: string;
  view: KillView | undefined;
}

interface Worker {
  program: Program;
  creator: string;
  file: string;
}

export class KillRun {
  private readonly ids: string[] = [];
  private readonly endless = new Set<string>();
  private readonly open = new Set<string>();
  private readonly kills: Kill[] = [];
  private readonly ledger: Ledger;
  private readonly workers: Worker[] = [];
  private readonly calls: Promise<void>[] = [];
  private cliKills = 0;
  private shots = 0;

  constructor(
    private readonly house: House,
    private readonly speaker: Speaker,
    private readonly random: () => number,
  ) {
    this.ledger = new Ledger(house.folder);
  }

  async play(count: number): Promise<string> {
    for (let n = 1; n <= WORKERS; n++) this.workers.push(await this.startWorker(`worker-${n}`));
    await this.startPlainWorker();
    const { house } = this;
    await house.until(
      async () => (await house.hub()).counts.controller[SPEC].workers === WORKERS + 1,
      () => "all workers are there",
    );
    await Promise.all([this.ask(count), this.killSome(count), this.shootSome(count)]);
    await this.finish();
    await this.ledger.read();
    return this.judge();
  }

  /** Tasks, as fast as they are done. */
  private async ask(count: number): Promise<void> {
    const { random, house, speaker } = this;
    for (let i = 0; i < count; i++) {
      await house.until(
        () => this.countOpen() < MOST_OPEN,
        () => `fewer than ${this.open.size} tasks are open, of ${i}`,
      );
      const isEndless = random() < ENDLESS || i === 5;
      const how = random() < 0.5 ? "heeds" : "computes";
      const data = { i, ms: isEndless ? ENDLESS_MS : random() * MOST_MS, how };
      const id = drawId();
      this.ids.push(id);
      this.open.add(id);
      if (isEndless) this.endless.add(id);
      if (random() < BY_HTTP) await house.client.post("api/v1/tasks", { spec: SPEC, data, id });
      else speaker.ask(SPEC, data, { id });
    }
  }

  private async killSome(count: number): Promise<void> {
    const kills = Math.ceil(count * KILLS);
    // While all workers are at what never ends, kills come before their turn; so there are more of them in the end.
    for (let n = 0; n < kills || this.ids.length < count; n++) {
      const mark = Math.min(count, (count * (n + this.random())) / kills);
      await this.house.until(
        () => this.ids.length >= mark || this.isStuck(),
        () => `task ${mark} was asked for: ${this.ids.length}`,
      );
      const target = this.isStuck() ? "running" : targets[n % targets.length];
      const task = await this.choose(target);
      if (task !== undefined) this.kill(task, n);
      // The audit keeps the newest; none is missed.
      if (n % KILLS_A_LOOK === 0) await this.noteOutcomes();
    }
  }

  /** All workers are at what never ends. */
  private isStuck(): boolean {
    return this.countOpen() >= MOST_OPEN;
  }

  private async choose(target: Target): Promise<string | undefined> {
    if (target === "unknown") return drawId();
    // A kill travels beside its task, and may come before it: that the hub has it is heard first.
    if (target === "waiting") return [...this.open].filter((id) => this.speaker.published.has(id)).at(-1);
    if (target === "ended") {
      const ended = this.ids.filter((id) => !this.open.has(id));
      return ended[Math.floor(this.random() * ended.length)];
    }
    const running = await this.running();
    return running.find((id) => this.endless.has(id)) ?? running[0];
  }

  private async running(): Promise<string[]> {
    const lists = await Promise.all(
      ["delivered", "running"].map((state) =>
        this.house.client.get(`api/v1/tasks?spec=${SPEC}&state=${state}`),
      ),
    );
    return (lists as { tasks: TaskView[] }[]).flatMap(({ tasks }) => tasks.map(({ id }) => id));
  }

  private kill(task: string, n: number): void {
    const way = this.random();
    if (way < 0.6) {
      const who = `killer-${n}`;
      this.kills.push({ task, via: "tech", who, view: undefined });
      this.speaker.kill(task, who);
      return;
    }
    const kill: Kill = { task, via: "http", who: "", view: undefined };
    this.kills.push(kill);
    const isTyped = this.cliKills < CLI_KILLS;
    if (isTyped) this.cliKills++;
    this.calls.push(isTyped ? this.killByCommand(kill) : this.killByHttp(kill));
  }

  private async killByHttp(kill: Kill): Promise<void> {
    kill.view = (await this.house.client.delete(`api/v1/tasks/${kill.task}`)) as KillView;
  }

  private async killByCommand(kill: Kill): Promise<void> {
    const { url, token } = this.house.client.place;
    const args = [besideProgram("bowline.mjs"), "kill", kill.task, "--json", "--url", url.href];
    const options = { cwd: this.house.folder, env: { ...process.env, BOWLINE_TOKEN: token } };
    const [status, stdout, stderr] = await new Promise<[number, string, string]>((resolve) => {
      const child = execFile(process.execPath, args, options, (_error, out, err) =>
        resolve([child.exitCode ?? -1, out, err]),
      );
    });
    hold(stdout !== "", () => `bowline kill: ${stderr}`);
    const view = JSON.parse(stdout) as KillView;
    kill.view = view;
    const expected = view.outcome === "confirmed" ? 0 : 3;
    hold(status === expected, () => `bowline kill: ${view.outcome}, and exit code ${status}`);
  }

  /** A worker with a task goes without a word; it is seen to be dead, and to have come back. */
  private async shootSome(count: number): Promise<void> {
    const { house, workers } = this;
    for (const part of SHOTS) {
      await house.until(
        () => this.ids.length >= part * count,
        () => `${part} of the tasks were asked for`,
      );
      const n = Math.floor(this.random() * workers.length);
      const { program, creator, file } = workers[n];
      this.ledger.shot(file);
      await program.end("SIGKILL");
      this.shots++;
      const before = Date.now();
      const was = async (states: readonly string[]) => {
        const { history = [] } = (await house.component("proof_worker")) ?? {};
        return history.some((line) => line.creator === creator && states.includes(line.state));
      };
      await house.until(
        () => was(["gone", "dead"]),
        () => `${creator} is shown as dead`,
      );
      workers[n] = await this.startWorker(creator);
      await house.until(
        async () => {
          const { history = [] } = (await house.component("proof_worker")) ?? {};
          return history.some(
            (line) => line.creator === creator && line.state === "recovered" && line.at >= before,
          );
        },
        () => `${creator} is shown as recovered`,
      );
    }
  }

  /** Whatever never ends is killed, and everything else waited for. */
  private async finish(): Promise<void> {
    const { house } = this;
    let n = this.ids.length;
    const told = new Set(this.kills.map(({ task }) => task));
    await house.until(
      async () => {
        for (const id of this.endless) {
          if (told.has(id) || !this.open.has(id)) continue;
          told.add(id);
          this.kill(id, n++);
        }
        await this.noteOutcomes();
        return this.countOpen() === 0 && this.kills.every(({ view }) => view !== undefined);
      },
      () =>
        `all is over: ${this.open.size} tasks open, ${this.kills.filter(({ view }) => view === undefined).length} kills`,
    );
    await Promise.all(this.calls);
    // What was published last is on its way still.
    await house.until(
      () => this.kills.every(({ task }) => this.speaker.isSaidKilled(task, "error")),
      () => "301 was heard of each kill",
    );
  }

  /** From the audit: what became of the kills over tech. */
  private async noteOutcomes(): Promise<void> {
    const waiting = this.kills.filter(({ via, view }) => via === "tech" && view === undefined);
    if (waiting.length === 0) return;
    const { kills } = (await this.house.client.get(`api/v1/kills?limit=${AUDIT_LIMIT}`)) as {
      kills: KillView[];
    };
    const byWho = new Map(kills.map((view) => [view.by.who, view]));
    for (const kill of waiting) {
      const view = byWho.get(kill.who);
      if (view !== undefined && view.outcome !== "pending") kill.view = view;
    }
    await setTimeout(LOOK_MS);
  }

  private countOpen(): number {
    for (const id of this.open) if (this.isAnswered(id)) this.open.delete(id);
    return this.open.size;
  }

  /** A result, or said to be killed under its own spec. */
  private isAnswered(id: string): boolean {
    return this.speaker.of(id, "result").length > 0 || this.speaker.isSaidKilled(id, SPEC);
  }

  private judge(): string {
    const { kills, ids, ledger } = this;
    const byTask = new Map<string, KillView[]>();
    for (const { task, view } of kills) byTask.set(task, [...(byTask.get(task) ?? []), view!]);
    for (const id of ids) this.judgeTask(id, byTask.get(id) ?? []);
    const known = new Set(ids);
    for (const [task, views] of byTask)
      if (!known.has(task))
        for (const { outcome } of views)
          hold(outcome === "unknown", () => `a task that never was: ${outcome}`);
    const outcomes: Record<string, number> = {};
    for (const { view } of kills) {
      const name = view!.outcome === "confirmed" ? `confirmed, ${view!.how}` : view!.outcome;
      outcomes[name] = (outcomes[name] ?? 0) + 1;
    }
    const again = ids.filter((id) => (ledger.begun.get(id)?.length ?? 0) > 1).length;
    for (const needed of [
      "finished before",
      "unknown",
      "confirmed, withdrawn from the queue",
      "confirmed, the component said so",
    ])
      hold((outcomes[needed] ?? 0) > 0, () => `no kill came to "${needed}": ${JSON.stringify(outcomes)}`);
    const words = Object.entries(outcomes).map(([name, times]) => `${times} ${name}`);
    return (
      `${ids.length} tasks over ${WORKERS + 1} workers, ${kills.length} kills under way (${words.join("; ")}): every other task answered ` +
      `once, every outcome true; ${this.shots} workers killed with -9, ${again} tasks given again`
    );
  }

  private judgeTask(id: string, kills: readonly KillView[]): void {
    const { speaker, ledger } = this;
    const results = speaker.of(id, "result").length;
    const begun = ledger.begun.get(id)?.length ?? 0;
    const story = () =>
      `task ${id}: ${results} results, begun ${begun} times, heard ${JSON.stringify(speaker.answers.get(id))}, kills ${JSON.stringify(kills)}`;
    const allowed = ["confirmed", "finished before"];
    hold(
      kills.every(({ outcome }) => allowed.includes(outcome)),
      () => `an outcome that cannot be: ${story()}`,
    );
    hold(begun <= 1 || ledger.wasShot(id), () => `done twice, and nobody was shot: ${story()}`);
    const stopped = kills.find(({ outcome }) => outcome === "confirmed");
    if (stopped === undefined) {
      const errors = speaker
        .of(id, "error")
        .filter(({ spec, data }) => spec !== "error" || data.code !== 301);
      // Killed as it ended: requesters were told so, and then heard the result.
      const isFair =
        errors.every(({ data }) => data.code === 301) && (errors.length === 0 || kills.length > 0);
      hold(isFair, () => `an error that nobody asked for: ${story()}`);
      hold(results === 1 || (results > 1 && ledger.wasShot(id)), () => `not one answer: ${story()}`);
      hold((ledger.ended.get(id)?.length ?? 0) >= 1, () => `answered and never done: ${story()}`);
      return;
    }
    hold(results === 0, () => `killed and answered: ${story()}`);
    hold(speaker.isSaidKilled(id, SPEC), () => `whoever waits for its spec was not told: ${story()}`);
    // What a component was given and had not begun it has withdrawn itself, and says so as well.
    if (stopped.how === "withdrawn from the queue")
      hold(begun === 0 || ledger.wasShot(id), () => `withdrawn and begun: ${story()}`);
  }

  private async startWorker(creator: string): Promise<Worker> {
    const file = this.ledger.open();
    const command = [process.execPath, besideProgram("proof/worker.mjs")];
    const program = await this.house.start("proof_worker", command, {
      creator,
      worksFor: SPEC,
      ledger: file,
    });
    return { program, creator, file };
  }

  private async startPlainWorker(): Promise<void> {
    const command = [process.execPath, besideProgram("proof/plain-worker.mjs")];
    const params = { creator: "plain-worker", worksFor: SPEC, ledger: this.ledger.open() };
    await this.house.start("proof_plain-worker", command, params);
  }
}
