/**
 * Kills that nobody may be killed by, and heartbeats under the gateway's own names, as fast as they go, over every way there
 * is, while a worker computes what they are meant for. In the middle one kill is good.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KillView } from "../../host/http/work-api.ts";
import { drawId } from "../../host/monique/id.ts";
import { formatKill } from "../../host/monique/kill.ts";
import { hold } from "../proof.ts";
import { type Fate, forgeriesOf } from "./forgeries.ts";
import { besideProgram, type House } from "./house.ts";
import { Ledger } from "./ledger.ts";
import { type Program, resourcesOf } from "./program.ts";
import { messageOf, partsOf, type Speaker } from "./speaker.ts";

const SPEC = "proof_work";
const ENDLESS_MS = 3_600_000;
/** Of the tries, those over HTTP: each a round trip. */
const BY_HTTP = 0.05;
const HTTP_AT_ONCE = 8;
/** Tries between two looks at whether the hub has them all: what waits in sockets is memory of ours. */
const BATCH = 2000;
/** What the gateway may have in its memory beyond what it had after the first half: garbage that nobody has looked at. */
const MOST_GROWTH = 48 << 20;
/** X4: a good kill has its effect so soon. Asked of runs that are large enough to be no test of the suite, where nothing is timed. */
const EFFECT_MS = 1000;
const TIMED_FROM = 100_000;
const OWN_NAMES = ["bowline_gateway", "bowline_store"];
const AUDIT_LIMIT = 10_000;

interface Resources {
  threads: number;
  files: number;
  bytes: number;
  handles: string;
}

export class AbuseRun {
  private readonly ledger: Ledger;
  private readonly expected: Record<Fate | "http", number> = { refused: 0, dropped: 0, passed: 0, http: 0 };
  private worker!: Program;

  constructor(
    private readonly house: House,
    private readonly speaker: Speaker,
    private readonly random: () => number,
  ) {
    this.ledger = new Ledger(house.folder);
  }

  async play(tries: number): Promise<string> {
    const { house, speaker } = this;
    const command = [process.execPath, besideProgram("proof/worker.mjs")];
    const params = { creator: "worker-1", worksFor: SPEC, ledger: this.ledger.open() };
    this.worker = await house.start("proof_worker", command, params);
    // One that is heeded: it is what is said again, and what the worker has after a kill is what it has after the next.
    const first = await this.victim(0);
    const oldId = drawId();
    const old = partsOf(
      messageOf({ id: oldId, type: "config", spec: "kill", data: formatKill(first), creator: "operator" }),
    );
    speaker.tell(old);
    await house.until(
      async () => (await house.task(first))?.state === "killed",
      () => `the first task is killed`,
    );
    await this.answersOne(1);
    const before = await this.resources();
    const victim = await this.victim(2);
    await this.abuse(victim, old, oldId, tries / 2);
    const half = (await resourcesOf(house.gateway.pid)).bytes;
    const { ms, againMs } = await this.killForGood(victim, before, tries >= TIMED_FROM);
    const second = await this.victim(4);
    await this.abuse(second, old, oldId, tries / 2);
    const growth = (await resourcesOf(house.gateway.pid)).bytes - half;
    hold(growth <= MOST_GROWTH, () => `the gateway's memory grew by ${growth} bytes`);
    await this.judge(second);
    const { refused, dropped, passed, http } = this.expected;
    return (
      `${refused + http} kills refused and audited (${http} over HTTP), ${dropped} messages dropped and counted, ${passed} that ask ` +
      `nothing passed on: 0 heeded; a good kill confirmed in ${ms} ms, the next task answered after ${againMs} ms, threads, files and ` +
      `handles of the worker as before; the gateway's memory ${growth > 0 ? "+" : ""}${(growth / 2 ** 20).toFixed(1)} MiB in the second half`
    );
  }

  /** A task that never ends, and is begun. */
  private async victim(i: number): Promise<string> {
    const { house, speaker, ledger } = this;
    const id = speaker.ask(SPEC, { i, ms: ENDLESS_MS, how: "computes" });
    await house.until(
      async () => {
        await ledger.read();
        return ledger.begun.has(id);
      },
      () => `task ${i} is begun`,
    );
    return id;
  }

  private async answersOne(i: number): Promise<void> {
    const { house, speaker } = this;
    const id = speaker.ask(SPEC, { i, ms: 0, how: "heeds" });
    await house.until(
      () => speaker.of(id, "result").length === 1,
      () => `task ${i} is answered`,
    );
  }

  private async abuse(
    victim: string,
    old: readonly Uint8Array[],
    oldId: string,
    tries: number,
  ): Promise<void> {
    const { speaker, random, expected } = this;
    const forgeries = forgeriesOf(victim, old, oldId, OWN_NAMES);
    const byHttp = Math.ceil(tries * BY_HTTP);
    for (let n = 0; n < tries - byHttp; n++) {
      // Each of them at first, then by chance.
      const forgery = forgeries[n < forgeries.length ? n : Math.floor(random() * forgeries.length)];
      forgery.send(speaker);
      expected[forgery.fate]++;
      if (n % BATCH === BATCH - 1) await this.untilCounted();
    }
    await this.untilCounted();
    await this.isAudited("tech");
    await this.overHttp(victim, byHttp);
    await this.untilCounted();
    await this.isAudited("http");
    hold(!speaker.answers.has(victim), () => `heeded: ${JSON.stringify(speaker.answers.get(victim))}`);
    const state = (await this.house.task(victim))?.state;
    hold(state === "delivered" || state === "running", () => `the task is ${state}`);
  }

  private async overHttp(victim: string, tries: number): Promise<void> {
    const tokens = JSON.parse(await readFile(join(this.house.folder, "data/tokens.json"), "utf8"));
    const read = (tokens.tokens ?? tokens).find(({ role }: { role: string }) => role === "read").token;
    const { url, token: control } = this.house.client.place;
    const ways: { id: string; token: string | undefined; status: number }[] = [
      { id: victim, token: undefined, status: 401 },
      { id: victim, token: "x".repeat(43), status: 401 },
      { id: victim, token: read, status: 403 },
      { id: victim.slice(1), token: control, status: 400 },
    ];
    let sent = 0;
    const one = async () => {
      while (sent < tries) {
        const { id, token, status } = ways[sent++ % ways.length];
        const headers: Record<string, string> =
          token === undefined ? {} : { authorization: `Bearer ${token}` };
        const response = await fetch(new URL(`api/v1/tasks/${id}`, url), { method: "DELETE", headers });
        await response.arrayBuffer();
        hold(response.status === status, () => `DELETE with ${token}: ${response.status}, and not ${status}`);
        this.expected.http++;
      }
    };
    await Promise.all(Array.from({ length: HTTP_AT_ONCE }, one));
  }

  /** The hub has had all of it, and each has the fate that it must have. */
  private async untilCounted(): Promise<void> {
    const { house, expected } = this;
    let seen = {};
    await house.until(
      async () => {
        const { counts } = await house.hub();
        // Kills that were refused are told in the log as what is dropped is, and counted there as well.
        const { KILL_REFUSED: _, ...dropped } = counts.dropped;
        const now = {
          refused: counts.refusedKills.tech,
          http: counts.refusedKills.http,
          dropped: Object.values(dropped).reduce((sum, n) => sum + n, 0),
        };
        seen = now;
        return (
          now.refused === expected.refused && now.http === expected.http && now.dropped === expected.dropped
        );
      },
      () => `all tries are counted: ${JSON.stringify(seen)} of ${JSON.stringify(expected)}`,
    );
  }

  /** KILL4: in time, and nothing of the task is left. */
  private async killForGood(victim: string, before: Resources, isTimed: boolean) {
    const { house } = this;
    const begin = performance.now();
    const view = (await house.client.delete(`api/v1/tasks/${victim}`)) as KillView;
    hold(view.outcome === "confirmed", () => `a good kill: ${JSON.stringify(view)}`);
    await this.answersOne(3);
    const againMs = Math.round(performance.now() - begin);
    hold(!isTimed || view.ms <= EFFECT_MS, () => `a good kill had its effect after ${view.ms} ms`);
    let after = before;
    await house.until(
      async () => {
        after = await this.resources();
        return (
          after.threads <= before.threads && after.files <= before.files && after.handles === before.handles
        );
      },
      () => `the worker has what it had: ${JSON.stringify(after)}, and before ${JSON.stringify(before)}`,
    );
    return { ms: view.ms, againMs };
  }

  /** Of the worker: of its process, and what its main thread has to do with. */
  private async resources(): Promise<Resources> {
    const { worker, house } = this;
    const seen = worker.lines("resources ").length;
    worker.signal("SIGUSR2");
    await house.until(
      () => worker.lines("resources ").length > seen,
      () => "the worker tells what it has",
    );
    return { ...(await resourcesOf(worker.pid)), handles: worker.lines("resources ").at(-1)! };
  }

  /** Of those that were refused it keeps the newest. */
  private async isAudited(via: string): Promise<void> {
    const isRefused = ({ by, outcome, why }: KillView) =>
      by.via === via && outcome === "refused" && why !== "";
    hold((await this.audit()).some(isRefused), `no refused kill over ${via} is in the audit`);
  }

  private async audit(): Promise<KillView[]> {
    return ((await this.house.client.get(`api/v1/kills?limit=${AUDIT_LIMIT}`)) as { kills: KillView[] })
      .kills;
  }

  private async judge(victim: string): Promise<void> {
    const { house, ledger } = this;
    await ledger.read();
    hold(ledger.begun.get(victim)?.length === 1, "the worker was restarted");
    for (const name of OWN_NAMES) {
      const { components = [] } = (await house.component(name)) ?? {};
      const seen = JSON.stringify(components);
      hold(
        components.length === 1 && components[0].address === "here" && !components[0].isDown,
        () => `${name}: ${seen}`,
      );
    }
    const kills = await this.audit();
    const done = kills.filter(({ outcome }) => outcome !== "refused").map(({ outcome }) => outcome);
    hold(done.join() === "confirmed,confirmed", () => `kills that were done: ${done}`);
  }
}
