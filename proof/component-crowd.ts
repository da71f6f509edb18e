/**
 * A crowd of components in a few processes, each with all its sockets and a heartbeat every second. All are shown as alive and
 * none as late; a kill reaches the one it is for and no other; those whose process is killed with -9 are dead, the others not.
 */
import { setTimeout } from "node:timers/promises";
import type { ComponentView, KillView } from "../host/http/work-api.ts";
import { seededRandom } from "../host/transports/random.ts";
import { besideProgram, House } from "./components/house.ts";
import { cpuOf, type Program, resourcesOf } from "./components/program.ts";
import { Speaker } from "./components/speaker.ts";
import { hold, type Proof } from "./proof.ts";

const PROCESSES = 4;
const BEAT_MS = 1000;
/** They are watched for so long: late is what was not heard for three of the intervals of 2 s that are the least. */
const WATCHED_MS = 5000;
/** A process that stood still for so long may have let a heartbeat be late. */
const EXCUSE_MS = 1500;
/** Tasks that are held, and killed one by one. */
const TASKS = 20;
const LOOK_MS = 100;

class CrowdRun {
  private readonly members: Program[] = [];

  constructor(
    private readonly house: House,
    private readonly speaker: Speaker,
    private readonly count: number,
    private readonly random: () => number,
  ) {}

  async play(): Promise<string> {
    const { house, count } = this;
    const each = Math.ceil(count / PROCESSES);
    const command = [process.execPath, besideProgram("proof/crowd-member.mjs")];
    for (let first = 0; first < count; first += each) {
      const params = { creator: "crowd", frequency: BEAT_MS, first, count: Math.min(each, count - first) };
      this.members.push(await house.start("proof_crowd", command, params));
    }
    await this.until(
      (all) => all.length === count && all.every(({ state, isDown }) => state === "alive" && !isDown),
      "all are alive",
    );
    const watched = await this.watch();
    const killed = await this.killSome();
    const dead = await this.shootOne();
    return `${count} components in ${this.members.length} processes: ${watched}; ${killed}; ${dead}`;
  }

  /** Nothing happens to them, so nothing is said of them. */
  private async watch(): Promise<string> {
    const { pid } = this.house.gateway;
    const told = async () => (await this.house.hub()).counts.ports.techOut.messagesOut;
    const [cpu, begin, toldBefore] = [await cpuOf(pid), performance.now(), await told()];
    await setTimeout(WATCHED_MS);
    const heard = (await told()) - toldBefore;
    hold(heard === 0, () => `${heard} heartbeats were sent to components, which asked for none`);
    const load = (100 * ((await cpuOf(pid)) - cpu)) / (performance.now() - begin);
    const { bytes, files } = await resourcesOf(pid);
    const states = this.ours(await this.components()).filter(({ state }) => state !== "alive");
    const still = await this.stoodStill();
    const isExcused = still > EXCUSE_MS;
    hold(
      states.length === 0 || isExcused,
      () =>
        `falsely told, while their processes stood still for ${still} ms at most: ${JSON.stringify(states.slice(0, 3))}`,
    );
    const late = await this.lateLines();
    hold(
      late.length === 0 || isExcused,
      () =>
        `falsely late, while their processes stood still for ${still} ms at most: ${late.slice(0, 3).join("; ")}`,
    );
    return (
      `all alive for ${WATCHED_MS / 1000} s of a heartbeat a second each, ${late.length} late; the gateway takes ` +
      `${load.toFixed(0)} % of a core and ${(bytes / 2 ** 20).toFixed(0)} MiB, with ${files} files`
    );
  }

  private async killSome(): Promise<string> {
    const { house, speaker } = this;
    const chosen = new Set<number>();
    while (chosen.size < Math.min(TASKS, this.count)) chosen.add(Math.floor(this.random() * this.count));
    const tasks = [...chosen].map((n) => speaker.ask(`proof_crowd-${n}`, {}));
    await house.until(
      () => tasks.every((id) => this.said("begun", id) === 1),
      () =>
        `the tasks are begun: ${tasks.filter((id) => this.said("begun", id) === 1).length} of ${tasks.length}`,
    );
    let worst = 0;
    for (const [n, id] of tasks.entries()) {
      const view = (await house.client.delete(`api/v1/tasks/${id}`)) as KillView;
      hold(view.outcome === "confirmed", () => `kill of ${id}: ${JSON.stringify(view)}`);
      worst = Math.max(worst, view.ms);
      const ended = tasks.filter((other) => this.said("killed", other) > 0);
      await house.until(
        () => tasks.filter((other) => this.said("killed", other) > 0).length >= n + 1,
        () => `task ${id} is ended by its component`,
      );
      hold(
        ended.every((other) => tasks.indexOf(other) <= n),
        () => `a kill of ${id} ended others: ${ended}`,
      );
    }
    return `${tasks.length} kills, each ended the task it was for and no other, in ${worst} ms at most`;
  }

  private async shootOne(): Promise<string> {
    const before = this.ours(await this.components()).length;
    const [shot, ...others] = this.members;
    await shot.end("SIGKILL");
    const theirs = Math.ceil(this.count / PROCESSES);
    await this.until(
      (all) => all.filter(({ state }) => state === "dead").length === theirs,
      `${theirs} of ${before} are dead`,
    );
    const alive = this.ours(await this.components()).filter(({ state }) => state === "alive").length;
    const isWhole = alive === this.count - theirs || (await this.stoodStill(others)) > EXCUSE_MS;
    hold(isWhole, () => `${alive} of ${this.count} are alive, and ${theirs} were killed`);
    return `a process with ${theirs} of them killed with -9: those are dead, the ${alive} others alive`;
  }

  private said(what: string, id: string): number {
    return this.members.reduce((sum, member) => sum + member.lines(`${what} ${id}`).length, 0);
  }

  private async stoodStill(members = this.members): Promise<number> {
    const seen = members.map((member) => member.lines("stood still").length);
    for (const member of members) member.signal("SIGUSR2");
    await this.house.until(
      () => members.every((member, n) => member.lines("stood still").length > seen[n]),
      () => "all processes tell how long they stood still",
    );
    return Math.max(...members.map((member) => Number(member.lines("stood still").at(-1)!.split(" ")[2])));
  }

  /** Of all of them, from their histories. */
  private async lateLines(): Promise<string[]> {
    const lines: string[] = [];
    for (let n = 0; n < this.count; n++) {
      const { history = [] } = (await this.house.component(`proof_crowd-${n}`)) ?? {};
      for (const { name, state, at } of history)
        if (state === "late" || state === "dead") lines.push(`${name} ${state} at ${at}`);
    }
    return lines;
  }

  private async components(): Promise<ComponentView[]> {
    const { components } = (await this.house.client.get("api/v1/components")) as {
      components: ComponentView[];
    };
    return components;
  }

  private ours(all: readonly ComponentView[]): ComponentView[] {
    return all.filter(({ name }) => name.startsWith("proof_crowd-"));
  }

  private async until(isSo: (ours: ComponentView[]) => boolean, what: string): Promise<void> {
    let ours: ComponentView[] = [];
    await this.house.until(
      async () => {
        ours = this.ours(await this.components());
        if (isSo(ours)) return true;
        await setTimeout(LOOK_MS);
        return false;
      },
      () => {
        const states: Record<string, number> = {};
        for (const { state } of ours) states[state] = (states[state] ?? 0) + 1;
        return `${what}: ${JSON.stringify(states)}`;
      },
    );
  }
}

async function runCrowd(seed: number, scale: number): Promise<string> {
  const house = await House.open([]);
  const speaker = new Speaker();
  try {
    await speaker.start(house);
    return await new CrowdRun(house, speaker, scale, seededRandom(seed)).play();
  } finally {
    speaker.stop();
    await house.close();
  }
}

export const componentCrowd: Proof = {
  name: "component-crowd",
  promise: "a crowd of components is alive, none falsely late; a kill reaches the one it is for and no other",
  unit: "components",
  scale: 60,
  run: runCrowd,
};
