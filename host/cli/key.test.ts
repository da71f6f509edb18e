import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openKeys, openPeerKeys } from "../admission/key-store.ts";
import { FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { runVerb, VerbRunner } from "./testing/run-verb.ts";

let data = "";
const KEY = /^[A-Za-z0-9+/]{43}=$/;
/** Where no gateway runs. */
const alone = () => ["--set", `data=${data}`, "--set", "http.enabled=false"];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "bowline-key-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

test("add prints the key, and nothing else, on stdout; list never does", async () => {
  const added = await runVerb(["key", "add", "b-1", ...alone()]);
  expect(added.code).toBe(0);
  expect(added.out).toEqual([expect.stringMatching(KEY)]);
  expect(openKeys(data).get("b-1")!.toString("base64")).toBe(added.out[0]);
  expect(added.err).toEqual(['b-1 has a key; put it into the board\'s bowline.json, as "key"']);
  const table = await runVerb(["key", "list", ...alone()]);
  expect(table.out).toEqual([expect.stringMatching(/^board +added/), expect.stringMatching(/^b-1 +\d{4}-/)]);
  const json = await runVerb(["key", "list", "--json", ...alone()]);
  expect(Object.keys(JSON.parse(json.out[0]))).toEqual(["id", "addedAt"]);
});

test("--json has the key as one object, unless it goes to a file", async () => {
  const added = await runVerb(["key", "add", "b-1", "--json", ...alone()]);
  expect(added.out.map((line) => JSON.parse(line))).toEqual([
    { id: "b-1", key: openKeys(data).get("b-1")!.toString("base64") },
  ]);
  const out = join(data, "b-2.txt");
  const written = await runVerb(["key", "add", "b-2", "--json", "--out", out, ...alone()]);
  expect(written.out.map((line) => JSON.parse(line))).toEqual([{ id: "b-2", out }]);
  const revoked = await runVerb(["key", "revoke", "b-2", "--json", ...alone()]);
  expect(revoked.out.map((line) => JSON.parse(line))).toEqual([{ id: "b-2", sessions: null }]);
});

test("add --out writes a file of mode 0600 and prints no key; never over another file", async () => {
  const file = join(data, "b-1.txt");
  const { code, out } = await runVerb(["key", "add", "b-1", "--out", file, ...alone()]);
  expect([code, out]).toEqual([0, []]);
  expect(readFileSync(file, "utf8").trim()).toMatch(KEY);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await runVerb(["key", "add", "b-2", "--out", file, ...alone()]);
  expect([again.code, openKeys(data).get("b-2")]).toEqual([1, undefined]);
});

test("a board's key is replaced only when that is said", async () => {
  await runVerb(["key", "add", "b-1", ...alone()]);
  const before = openKeys(data).get("b-1");
  const refused = await runVerb(["key", "add", "b-1", ...alone()]);
  expect([refused.code, refused.out]).toEqual([2, []]);
  expect(refused.err[0]).toContain("[KEY_EXISTS]");
  expect(openKeys(data).get("b-1")).toEqual(before);
  expect((await runVerb(["key", "add", "b-1", "--replace", ...alone()])).code).toBe(0);
  expect(openKeys(data).get("b-1")).not.toEqual(before);
});

test("revoke takes it where no gateway runs, and says that nobody was told", async () => {
  openKeys(data).draw("b-1");
  const { code, out, err } = await runVerb(["key", "revoke", "b-1", ...alone()]);
  expect([code, out]).toEqual([0, ["b-1 has no key any more"]]);
  expect(err[0]).toContain("no gateway was told");
  expect(openKeys(data).isEmpty).toBe(true);
  expect((await runVerb(["key", "revoke", "b-1", ...alone()])).code).toBe(3);
});

test("revoke tells the gateway that runs, which ends the board's sessions", async () => {
  const gateway = new FakeGateway();
  const server = await new ServerUnderTest(gateway).start();
  try {
    const verbs = new VerbRunner(`${server.base}/?token=${control}`);
    gateway.keys.set("b-1", 1);
    expect(await verbs.run("key", "revoke", "b-1")).toEqual({
      code: 0,
      out: ["b-1 has no key any more; 1 of its sessions ended"],
      err: [],
    });
    expect((await verbs.run("key", "revoke", "b-1")).code).toBe(3);
  } finally {
    await server.stop();
  }
});

test("a gateway that keeps all in memory has no keys that a verb could reach", async () => {
  const { code, err } = await runVerb(["key", "add", "b-1", "--set", "data=memory"]);
  expect([code, err[0]]).toEqual([2, expect.stringContaining("[KEYS_IN_MEMORY]")]);
});

test("a name that could leave the folder is refused", async () => {
  const { code } = await runVerb(["key", "add", "../b", ...alone()]);
  expect(code).toBe(2);
});

test("two gateways have the same key by one command each, and no board has it", async () => {
  const other = mkdtempSync(join(tmpdir(), "bowline-key-"));
  const file = join(data, "for-42.key");
  const there = [
    "--set",
    `data=${other}`,
    "--set",
    "peers.connect.0.id=41",
    "--set",
    "peers.connect.0.name=kitchen",
  ];
  try {
    const made = await runVerb([
      "key",
      "add",
      "42",
      "--peer",
      "--out",
      file,
      "--set",
      "gateway.hostId=41",
      ...alone(),
    ]);
    expect([made.code, made.out, made.err]).toEqual([
      0,
      [],
      [`gateway 42 has a key here; there: npx bowline key add 41 --peer --in ${file}`],
    ]);
    const read = await runVerb(["key", "add", "kitchen", "--peer", "--in", file, ...there]);
    expect([read.code, read.err]).toEqual([0, ["gateway 41 has its key here as well"]]);
    expect(openPeerKeys(other).get("41")).toEqual(openPeerKeys(data).get("42"));
    expect([openKeys(data).get("42"), openKeys(other).get("41")]).toEqual([undefined, undefined]);
    const listed = await runVerb(["key", "list", "--peer", ...alone()]);
    expect(listed.out[0]).toMatch(/^gateway +added/);
    expect(listed.out[1]).toMatch(/^42 +\d{4}-/);
    expect((await runVerb(["key", "list", ...alone()])).err).toEqual(["no board has a key"]);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test("a board's key is no gateway's, though it has the same name", async () => {
  await runVerb(["key", "add", "42", ...alone()]);
  expect(openPeerKeys(data).get("42")).toBeUndefined();
  const { code } = await runVerb(["key", "revoke", "42", "--peer", ...alone()]);
  expect([code, openKeys(data).get("42")?.length]).toEqual([3, 32]);
});

test.each([
  ["a name that peers.connect does not have", ["key", "add", "gw2", "--peer"], 3, "PEER_UNKNOWN"],
  ["a number that no gateway has", ["key", "add", "18446744073709551616", "--peer"], 3, "PEER_UNKNOWN"],
  ["a file that holds no key", ["key", "add", "42", "--peer", "--in", "/dev/null"], 2, "KEY_INVALID"],
  ["a file that is not there", ["key", "add", "42", "--peer", "--in", "/nowhere/key"], 3, "FILE_UNREADABLE"],
  ["--in for a board", ["key", "add", "b-1", "--in", "/dev/null"], 2, "USAGE"],
])("%s is refused", async (_, args, code, name) => {
  const run = await runVerb([...args, ...alone()]);
  expect([run.code, run.err[0]]).toEqual([code, expect.stringContaining(`[${name}]`)]);
  expect(openPeerKeys(data).isEmpty).toBe(true);
});

test("a gateway's key is taken by the gateway that runs", async () => {
  const gateway = new FakeGateway();
  const server = await new ServerUnderTest(gateway).start();
  try {
    gateway.peerKeys.set("42", 2);
    const run = await new VerbRunner(`${server.base}/?token=${control}`).run("key", "revoke", "42", "--peer");
    expect(run.out).toEqual(["42 has no key any more; 2 of its sessions ended"]);
  } finally {
    await server.stop();
  }
});
