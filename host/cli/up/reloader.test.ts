import { expect, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import type { Config, PeersConfig } from "../../config/schema.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { Reloader } from "./reloader.ts";

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
  const components = {
    reload: async ({ monique: { enabled, controller } }: Config) =>
      enabled ? { added: Object.keys(controller), removed: [], changed: [] } : null,
  };
  const gateway = { others, components };
  return { reloader: new Reloader(config("tcp.port=1"), load, gateway, log), components, applied, lines };
}

test("the section peers takes effect; of others that differ it is said that they do not", async () => {
  const { reloader } = reloaderOf(() => config("tcp.port=2", "log.level=warn", "peers.connect.0.id=42"));
  expect(await reloader.reload()).toEqual({
    peers: { added: ["42"], changed: [], removed: [], routes: [] },
    monique: { added: [], changed: [], removed: [] },
    restart: ["tcp", "log"],
  });
});

test("workers, what may pass and rhythms take effect; other ports of the hub with the next start", async () => {
  const set = ["monique.controller.a_b=5", "monique.patienceS.a_b=9", "monique.rhythmMs.a_c=100"];
  const passing = [...set, "monique.hub.allow.0=a_b", "tcp.port=1"];
  const { reloader } = reloaderOf(() => config(...passing));
  const monique = { added: ["a_b"], changed: [], removed: [] };
  expect(await reloader.reload()).toMatchObject({ monique, restart: [] });
  passing.push("monique.hub.com.in=9002");
  expect(await reloader.reload()).toMatchObject({ monique, restart: ["monique"] });
});

test("without a hub nothing is told of it", async () => {
  const { reloader } = reloaderOf(() => config("tcp.port=1", "monique.enabled=false"));
  expect(await reloader.reload()).not.toHaveProperty("monique");
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

test("of a busy port it is told what mends it while the gateway runs", async () => {
  const { reloader, components } = reloaderOf(() => config("tcp.port=1"));
  const mend = "bowline up --set monique.controller.a_b=5";
  components.reload = async () => {
    throw new BowlineError("PORT_BUSY", "text", ExitCode.busy, mend);
  };
  await expect(reloader.reload()).rejects.toMatchObject({
    code: "PORT_BUSY",
    mend: expect.stringMatching(/^set monique\.controller\.a_b to 5 .*bowline peers reload$/),
  });
});

test("two at once are one after the other", async () => {
  let n = 0;
  const { reloader, applied } = reloaderOf(() => config("tcp.port=1", `peers.connect.0.id=${++n}`));
  await Promise.all([reloader.reload(), reloader.reload()]);
  expect(applied).toEqual([["1"], ["2"]]);
});
