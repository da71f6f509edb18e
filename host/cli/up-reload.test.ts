import { expect, test } from "vitest";
import { loadConfig } from "../config/load.ts";
import type { PeersConfig } from "../config/schema.ts";
import type { Log } from "../platform/log.ts";
import { Reloader } from "./up-reload.ts";

const config = (...set: string[]) => loadConfig({ set, env: {}, cwd: "/", home: "/", hostname: "gw" }).config;

function reloaderOf(load: () => ReturnType<typeof config>) {
  const applied: string[][] = [];
  const lines: string[] = [];
  const tell = (fields: object, text: string) => void lines.push(`${text} ${JSON.stringify(fields)}`);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
  const others = {
    apply: async ({ connect }: PeersConfig) => {
      const ids = connect.map(({ id }) => id);
      await Promise.resolve();
      applied.push(ids);
      return { added: ids, changed: [], removed: [], routes: [] };
    },
  };
  return { reloader: new Reloader(config("tcp.port=1"), load, others, log), applied, lines };
}

test("the section peers takes effect; of others that differ it is said that they do not", async () => {
  const { reloader } = reloaderOf(() => config("tcp.port=2", "log.level=warn", "peers.connect.0.id=42"));
  expect(await reloader.reload()).toEqual({
    peers: { added: ["42"], changed: [], removed: [], routes: [] },
    restart: ["tcp", "log"],
  });
});

test("what cannot be read changes nothing, and the next one is read all the same", async () => {
  let text = "peers.connect.0.id=0";
  const { reloader, applied, lines } = reloaderOf(() => config("tcp.port=1", text));
  await expect(reloader.reload()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  reloader.reloadQuietly();
  text = "peers.connect.0.id=42";
  expect(await reloader.reload()).toMatchObject({ restart: [] });
  expect(applied).toEqual([["42"], ["42"]]);
  expect(lines).toHaveLength(2);
});

test("two at once are one after the other", async () => {
  let n = 0;
  const { reloader, applied } = reloaderOf(() => config("tcp.port=1", `peers.connect.0.id=${++n}`));
  await Promise.all([reloader.reload(), reloader.reload()]);
  expect(applied).toEqual([["1"], ["2"]]);
});
