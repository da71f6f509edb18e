/** V1 at work: the page of a whole gateway in a browser while boards speak, and what its main thread does meanwhile. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../host/http/testing/browser.ts";
import { boards } from "./gateway-work.ts";
import type { Probe } from "./probe.ts";
import { root } from "./root.ts";
import { percentile } from "./statistics.ts";
import { busyIn, mainThreadTasks, traceCategories } from "./trace.ts";

const BOARDS = 200;
/** Of each board. */
const MESSAGES_PER_S = 1;
const TICK_MS = 5;
/** So often at most the page draws, whatever comes. */
const PIECE_MS = 200;
/** So much of each view, a round. */
export const MEASURED_MS = 10_000;
const QUICK_MS = 400;
/** Until a page that was opened has asked for all it shows, and is compiled. */
const SETTLED_MS = 3000;
/** From then on a task is felt: what a person does waits for it. */
const LONG_MS = 50;

/** Addresses, as people know them. */
export const views = { overview: "#/", boards: "#/boards" } as const;
export type View = keyof typeof views;

/** What the main thread of the page did. A value a round. */
export interface Drawing {
  /** Of a second it ran so long, ms. */
  busyMs: number[];
  /** Of a fifth of a second, in which it draws once: half of them no longer, 95 of 100 no longer. */
  p50Ms: number[];
  p95Ms: number[];
  /** Its longest task, and how many took more than 50 ms. */
  longestMs: number[];
  long: number[];
}

export interface Drawings {
  one: Record<View, Drawing>;
  many: Record<View, Drawing>;
}

const nothing = (): Drawing => ({ busyMs: [], p50Ms: [], p95Ms: [], longestMs: [], long: [] });

export const probePage: Probe<Drawings> = async ({ rounds, roundMs }) => {
  const isQuick = roundMs === 0;
  const drawings = {
    one: { overview: nothing(), boards: nothing() },
    many: { overview: nothing(), boards: nothing() },
  };
  const houses = { one: await startHouse(1), many: await startHouse(isQuick ? 5 : BOARDS) };
  const browser = await launchBrowser();
  try {
    for (let round = 0; round < Math.min(3, rounds); round++)
      for (const side of ["one", "many"] as const)
        for (const view of ["overview", "boards"] as const)
          await measureView(browser, houses[side].page(view), drawings[side][view], isQuick);
  } finally {
    await browser.close();
    for (const house of Object.values(houses)) await house.stop();
  }
  return drawings;
};

/** A gateway as it is installed, and boards that speak to it by turns. */
interface House {
  page(view: View): string;
  stop(): Promise<void>;
}

async function startHouse(count: number): Promise<House> {
  const data = mkdtempSync(join(tmpdir(), "bench-page-"));
  const hub = ["com.in", "com.out", "tech.in", "tech.out"].map((port) => `monique.hub.${port}=0`);
  const set = ["tcp.port=0", "http.port=0", "log.enabled=false", ...hub, `data=${data}`];
  const args = [join(root, "dist/bowline.mjs"), "up", "--quiet", ...set.flatMap((one) => ["--set", one])];
  const gateway = spawn(process.execPath, args, { cwd: data, stdio: ["ignore", "pipe", "inherit"] });
  // Also when this probe fails meanwhile.
  process.once("exit", () => gateway.kill("SIGKILL"));
  const [address, port] = await saidPlaces(createInterface({ input: gateway.stdout }));
  const send = await boards(port, count);
  const end = new AbortController();
  const speaking = speak(count, send, end.signal);
  const stop = async () => {
    end.abort();
    await speaking;
    const gone = once(gateway, "exit");
    gateway.kill("SIGKILL");
    await gone;
    rmSync(data, { recursive: true, force: true });
  };
  return { page: (view) => address + views[view], stop };
}

/** What it prints once it listens: the page's address with its token, and the port for boards. */
async function saidPlaces(lines: AsyncIterable<string>): Promise<[page: string, port: number]> {
  let page = "";
  for await (const line of lines) {
    page = /^page +(http\S+)/.exec(line)?.[1] ?? page;
    const port = /^boards tcp .*:(\d+)$/.exec(line)?.[1];
    if (page !== "" && port !== undefined) return [page, Number(port)];
  }
  throw new Error("bowline up: it ended before it said where its page is");
}

/** Each board once a second, evenly spread. */
async function speak(
  count: number,
  send: (board: number, message: string) => void,
  end: AbortSignal,
): Promise<void> {
  const begin = performance.now();
  for (let sent = 0; !end.aborted; await sleep(TICK_MS)) {
    const due = Math.min(sent + count, ((performance.now() - begin) / 1000) * MESSAGES_PER_S * count);
    for (; sent < due; sent++) send(sent % count, messageOf(Math.floor(sent / count), sent % count));
  }
}

const messageOf = (turn: number, board: number) =>
  `{"ot":"l:telemetry","temp":${20 + ((7 * turn + board) % 50) / 10},"vdd":3.294,"free":${2800 - (turn % 9)},` +
  `"total":5000,"uptime":${turn},"errors":"","lost":0}`;

async function measureView(
  browser: Browser,
  address: string,
  into: Drawing,
  isQuick: boolean,
): Promise<void> {
  const ms = isQuick ? QUICK_MS : MEASURED_MS;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.getByText("20.").first().waitFor({ state: "attached" });
  await sleep(isQuick ? 0 : SETTLED_MS);
  await browser.startTracing(page, { categories: traceCategories });
  await sleep(ms + PIECE_MS);
  const tasks = mainThreadTasks((await browser.stopTracing()).toString());
  await context.close();
  const pieces = busyIn(tasks, PIECE_MS, ms / PIECE_MS);
  const longest = tasks.map((task) => task.ms);
  into.busyMs.push((pieces.reduce((sum, one) => sum + one, 0) * 1000) / ms);
  into.p50Ms.push(percentile(pieces, 0.5));
  into.p95Ms.push(percentile(pieces, 0.95));
  into.longestMs.push(Math.max(...longest));
  into.long.push(longest.filter((one) => one > LONG_MS).length);
}
