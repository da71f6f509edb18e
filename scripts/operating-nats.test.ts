/** An operator's walk through docs/operating-nats.md: every file written, every line typed, servers and gateways killed. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandsOf, firstMissing, Shell } from "../host/cli/testing/typed-commands.ts";
import { isNatsInstalled, natsMissing, type Observer, observer } from "../host/nats/testing/nats-server.ts";
import { until } from "../host/platform/testing/until.ts";
import type { DeliveredMessage } from "../host/store/store.ts";
import { freePort } from "../host/testing/free-port.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const guide = await readFile(join(root, "docs/operating-nats.md"), "utf8");
/** Each stands for a free one. */
const guidePorts = [
  "4222",
  "4223",
  "4224",
  "6222",
  "6223",
  "6224",
  "9081",
  "9082",
  "9083",
  "7711",
  "7712",
  "7713",
];

const gateways = ["gw-1", "gw-2", "gw-3"];
const shell = new Shell(root, {});
const ports = new Map<string, string>();
let folder = "";
let seen: Observer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-site-"));
  await mkdir(join(folder, "site"));
  for (const port of guidePorts) ports.set(port, String(await freePort()));
  shell.env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const blocks = guide.matchAll(/```(?:conf|yaml)\n# (\S+)\n([^`]*)```/g);
  for (const [, name, text] of blocks) await writeFile(here(name), here(text));
});

afterAll(async () => {
  await seen?.close();
  await shell.endAll();
  await rm(folder, { recursive: true, force: true });
});

/** As it is to be typed here. */
function here(text: string): string {
  return text
    .replace(/^npx bowline /, "node dist/bowline.mjs ") // the same, without npm's start each time
    .replace(/\bsite\//g, `${folder}/site/`)
    .replace(/\b\d{4}\b/g, (number) => ports.get(number) ?? number);
}

/** Programs that stay are left running. */
const staying = /^(nats-server|npx bowline (up|sim)) /;

/** All that a gateway's store holds. */
async function delivered(gateway: string): Promise<DeliveredMessage[]> {
  const { tokens } = JSON.parse(await readFile(here(`site/${gateway}/tokens.json`), "utf8"));
  const headers = { authorization: `Bearer ${tokens[0].token}` };
  const all: DeliveredMessage[] = [];
  for (let from = 1; ; ) {
    const url = `http://127.0.0.1:${ports.get(`908${gateway.at(-1)}`)}/api/v1/messages?from=${from}&limit=1000`;
    const { messages } = (await (await fetch(url, { headers })).json()) as { messages: DeliveredMessage[] };
    if (messages.length === 0) return all;
    all.push(...messages);
    from = messages.at(-1)!.n + 1;
  }
}

const idOf = ({ device, epoch, seq }: Pick<DeliveredMessage, "device" | "epoch" | "seq">) =>
  `${device}:${epoch}:${seq}`;

/** How many of each gateway `grown` has seen come, at least. */
let grownBy = 0;

/** Whether the stream has that many more of each gateway than it has now. */
async function grown(count: number): Promise<void> {
  grownBy += count;
  const counts = async () => {
    const { state } = await seen.manager.streams.info("bowline", { subjects_filter: "bowline.>" });
    const all = Object.entries(state.subjects ?? {});
    return gateways.map((one) =>
      all.filter(([subject]) => subject.startsWith(`bowline.${one}.`)).reduce((sum, [, n]) => sum + n, 0),
    );
  };
  let before: number[] | null = null;
  await until(async () => {
    // While the stream chooses another leader there is no answer.
    const now = await counts();
    before ??= now;
    expect(now.filter((n, i) => n < before![i] + count)).toEqual([]);
  });
}

async function type(line: string): Promise<void> {
  const typed = here(line);
  const { shown } = commandsOf(guide).find((one) => one.line === line)!;
  if (!staying.test(line)) {
    await until(async () => {
      const { printed, status } = await shell.type(typed);
      expect(status, `${line}\n${printed}`).toBe(0);
      expect(firstMissing(shown, printed), `${line}\n${printed}`).toBeUndefined();
    });
    return;
  }
  // Others need it at once; nats-server needs no waiting for: gateways come again by themselves.
  const isThere = (text: string) => line.includes(" sim ") || /nats-server|ready|http:/.test(text);
  const { printed, status } = await shell.type(typed, isThere);
  expect(status, `${line}\n${printed}`).toBeNull();
}

describe.skipIf(!isNatsInstalled)(`the guide for a site over NATS (${natsMissing})`, () => {
  test("its lines, in order, make a site whose stream has every message once, each board's in order", async () => {
    const lines = commandsOf(guide).map(({ line }) => line);
    const kill = lines.findIndex((line) => line.includes("kill -9"));
    const again = lines.lastIndexOf("npx bowline up --config site/gw-3.yaml");
    for (const line of lines.slice(0, kill)) await type(line);
    const servers = ["4222", "4224"].map((port) => `nats://127.0.0.1:${ports.get(port)}`);
    seen = await observer(servers, { user: "admin", pass: "change-me" });
    expect((await seen.manager.streams.info("bowline")).config).toMatchObject({
      ...{
        subjects: ["bowline.>"],
        num_replicas: 3,
        discard: "new",
        duplicate_window: 120e9,
        max_bytes: 2 ** 30,
      },
    });
    await grown(20);
    // A server is killed while all three hand over, and comes again.
    for (const line of lines.slice(kill, again)) {
      await type(line);
      await grown(20);
    }
    // A gateway is killed, and comes again.
    await shell.end(here(lines[again]), "SIGKILL");
    for (const line of lines.slice(again)) await type(line);
    await grown(20);

    for (const line of lines.filter((one) => one.includes(" sim "))) await shell.end(here(line), "SIGTERM");
    for (const gateway of gateways) {
      await until(async () => {
        const { printed } = await shell.type(
          here(`npx bowline northbound --json --config site/${gateway}.yaml`),
        );
        expect(JSON.parse(printed)).toMatchObject({ behind: 0, state: "connected", missed: 0, refused: 0 });
      });
    }
    const stored = await seen.stored();
    const ids = stored.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const gateway of gateways) {
      const own = stored
        .filter(({ subject }) => subject.startsWith(`bowline.${gateway}.`))
        .map(({ id }) => id);
      const said = (await delivered(gateway)).map(idOf);
      expect(said.length).toBeGreaterThanOrEqual(grownBy);
      const boards = new Set(said.map((id) => id.split(":")[0]));
      for (const board of boards) {
        const of = (all: string[]) => all.filter((id) => id.startsWith(`${board}:`));
        expect(of(own)).toEqual(of(said));
      }
      expect(own).toHaveLength(said.length);
    }
  });

  test("its servers' files are what nats-server takes", () => {
    for (const name of ["nats-1", "nats-2", "nats-3"]) {
      const args = ["-t", "-c", here(`site/${name}.conf`)];
      const { status, stderr } = spawnSync("/usr/sbin/nats-server", args, { encoding: "utf8" });
      expect(status, stderr).toBe(0);
    }
  });
});
