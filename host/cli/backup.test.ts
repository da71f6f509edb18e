/** backup and restore as people type them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { fillFolder, storeOf } from "../backup/testing/data-folder.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { folderForEach } from "../testing/folders.ts";
import { startGateway } from "../testing/gateway.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb } from "./testing/run-verb.ts";

const folder = folderForEach("backup-verb");
const stops = stopAfterEach();
const here = (name: string) => join(folder(), name);

function terminalHere(env: Record<string, string> = {}): FakeTerminal {
  const terminal = new FakeTerminal();
  terminal.cwd = folder();
  terminal.env = { HOME: folder(), ...env };
  return terminal;
}

const run = (...args: string[]) => runVerb(args, terminalHere());

/** Of a folder that no gateway has; nobody listens where its configuration says. */
beforeEach(async () => {
  writeFileSync(here("bowline.yaml"), "gateway: { id: attic }\ndata: data\nhttp: { port: 1 }\n");
  await fillFolder(here("data"), { messages: 3, documents: 2 });
});

describe("backup", () => {
  test("of a folder that no gateway has tells what is in it, and --verify and --dry-run tell the same", async () => {
    const made = await run("backup", "a.bowline");
    expect(made).toMatchObject({ code: 0, err: [] });
    const [first, from, ...contents] = made.out;
    expect(first).toMatch(new RegExp(`^backup ${here("a.bowline")}, [\\d.]+ K?i?B$`));
    expect(from).toMatch(/^of the gateway attic, .+, by bowline \d/);
    expect(contents).toEqual([
      "3 messages, the last is 3; 1 watermark; 1 board",
      "2 documents: requests, queues, cursors, the timeline",
      "keys: 0 boards, 0 gateways",
      "without values over time, with a configuration",
    ]);
    const verified = await run("backup", "--verify", "a.bowline");
    expect(verified.out).toEqual([`backup ${here("a.bowline")} is whole`, from, ...contents]);
    const dry = await run("restore", "--dry-run", "a.bowline", "--data", "other");
    expect(dry.out).toEqual([`backup ${here("a.bowline")} is whole; nothing was changed`, from, ...contents]);
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", "bowline.yaml", "data"]);
  });

  test("of a gateway that runs is asked of it, and it goes on", async () => {
    const gw = await startGateway([`data=${here("other")}`]);
    const server = await new ServerUnderTest(gw.gateway, {
      backup: (history) => gw.gateway.backup({ history }),
    }).start();
    stops.push(() => gw.stop());
    stops.push(() => server.stop());
    const terminal = terminalHere({ BOWLINE_TOKEN: control });
    const args = ["backup", "a.bowline", "--history", "--json", "--url", server.base];
    await expect.poll(() => gw.gateway.history.view().state).toBe("ok");
    const { code, out, err } = await runVerb(args, terminal);
    expect([code, err]).toEqual([0, []]);
    expect(JSON.parse(out[0])).toMatchObject({
      file: here("a.bowline"),
      gateway: "gw-test",
      hasHistory: true,
    });
    expect(gw.gateway.store.fault).toBe(null);
    const locked = await run("backup", "b.bowline", "--data", "other");
    expect([locked.code, locked.err.join()]).toEqual([
      5,
      expect.stringMatching(/STORE_LOCKED[\s\S]*leave out --data: the gateway that runs is asked/),
    ]);
  });

  test("goes into a pipe, never onto a terminal", async () => {
    const terminal = terminalHere();
    expect(await runVerb(["backup", "-"], terminal)).toEqual({ code: 0, out: [], err: [] });
    writeFileSync(here("a.bowline"), Buffer.concat(terminal.bytes));
    expect((await run("backup", "--verify", "a.bowline")).code).toBe(0);
    const seen = terminalHere();
    seen.columns = 80;
    const { code, err } = await runVerb(["backup", "-"], seen);
    expect([code, err.join()]).toEqual([
      2,
      expect.stringContaining("it is a terminal; allowed: a file or a pipe"),
    ]);
    expect(seen.bytes).toEqual([]);
  });

  test("of a folder that another configuration is of says its host id, and has none of this one's words", async () => {
    await fillFolder(here("other"), { messages: 1, documents: 0 });
    const first = async (...args: string[]) => (await run("backup", ...args, "--data", "other")).out[1];
    expect(await first("a.bowline")).toMatch(/^of a gateway, /);
    writeFileSync(here("other/host-id"), "42\n");
    expect(await first("b.bowline")).toMatch(/^of the gateway with host id 42, /);
    const { out } = await run("backup", "--verify", "b.bowline", "--json");
    expect(JSON.parse(out[0])).toMatchObject({ gateway: "host id 42", hasConfiguration: false });
    expect(await first("c.bowline", "-c", "bowline.yaml")).toMatch(/^of the gateway attic, /);
  });

  test("of a gateway that keeps nothing, or that is not there, is refused", async () => {
    expect((await run("backup", "a.bowline", "--set", "data=memory")).err.join()).toContain("BACKUP_MEMORY");
    const { code, err } = await run("backup", "a.bowline", "--data", "none");
    expect([code, err.join()]).toEqual([3, expect.stringContaining("STORE_MISSING")]);
    const asked = await run("backup", "a.bowline", "--url", "http://127.0.0.1:1");
    expect(asked.err.join()).toMatch(/TOKEN_UNKNOWN|NOT_RUNNING/);
    expect(readdirSync(folder()).sort()).toEqual(["bowline.yaml", "data"]);
  });
});

describe("restore", () => {
  beforeEach(async () => {
    await run("backup", "a.bowline");
  });

  test("sets aside what is there only when it is told to, and says where", async () => {
    const refused = await run("restore", "a.bowline");
    expect([refused.code, refused.err.join()]).toEqual([2, expect.stringContaining("RESTORE_NOT_EMPTY")]);
    const { code, out } = await run("restore", "a.bowline", "--force");
    expect([code, out[0]]).toEqual([0, `restored into ${here("data")}`]);
    const aside = out.find((line) => line.startsWith("what was there is in "))!.split(" in ")[1];
    expect((await storeOf(aside)).messages).toHaveLength(3);
    expect(out.at(-1)).toBe(`the configuration as it was: ${here("data/configuration.yaml")}`);
    expect(readFileSync(here("data/configuration.yaml"), "utf8")).toBe(
      readFileSync(here("bowline.yaml"), "utf8"),
    );
  });

  test("from a pipe is as from its file, however the bytes come, and leaves nothing when they end early", async () => {
    const bytes = readFileSync(here("a.bowline"));
    const piped = (stdin: readonly Uint8Array[], ...args: string[]) =>
      runVerb(args, Object.assign(terminalHere(), { stdin }));
    const single = [...bytes].map((byte) => Uint8Array.of(byte));
    const { code, out } = await piped(single, "restore", "-", "--data", "other");
    expect([code, out[0]]).toEqual([0, `restored into ${here("other")}`]);
    expect((await storeOf(here("other"))).messages).toHaveLength(3);
    const verified = await piped([bytes], "backup", "--verify", "-");
    expect([verified.code, verified.out[0]]).toEqual([0, "backup stdin is whole"]);
    const cut = await piped([bytes.subarray(0, -20)], "restore", "-", "--data", "third");
    expect([cut.code, cut.err.join()]).toEqual([7, expect.stringContaining("reading the backup stdin: ")]);
    const empty = await piped([], "restore", "-", "--data", "third");
    expect([empty.code, empty.err.join()]).toEqual([2, expect.stringContaining("it is empty")]);
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", "bowline.yaml", "data", "other"]);
  });

  test("--json is one object; damage ends with 7, what is no backup with 2, what is not there with 3", async () => {
    const { out } = await run("restore", "a.bowline", "--data", "other", "--json");
    expect(JSON.parse(out[0])).toMatchObject({
      data: here("other"),
      aside: "",
      messages: 3,
      gateway: "attic",
    });
    const bytes = readFileSync(here("a.bowline"));
    writeFileSync(here("cut.bowline"), bytes.subarray(0, bytes.length - 20));
    mkdirSync(here("third"));
    expect((await run("restore", "cut.bowline", "--data", "third")).code).toBe(7);
    expect((await run("restore", "bowline.yaml", "--data", "third")).code).toBe(2);
    expect((await run("restore", "none", "--data", "third")).code).toBe(3);
    expect(readdirSync(here("third"))).toEqual([]);
    expect((await run("restore", "a.bowline", "--set", "data=memory")).code).toBe(2);
  });
});
