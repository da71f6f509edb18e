import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { HttpServer } from "../http/server.ts";
import { deviceView, FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { loadTokens } from "../http/token.ts";
import { silentLog } from "../platform/log.ts";
import { SimulatedBoard } from "../simulator/simulated-board.ts";
import { folderForEach } from "../testing/folders.ts";
import { freePort } from "../testing/free-port.ts";
import { startGateway, type TestGateway } from "../testing/gateway.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { VerbRunner } from "./testing/run-verb.ts";
import { countBoard, faultsOf, faultsOfLife } from "./verify/board-count.ts";
import { StoreAudit } from "./verify/store-audit.ts";

const folder = folderForEach("verify");
const toStop = stopAfterEach();
let bundle: string;

beforeAll(async () => {
  const made = mkdtempSync(join(tmpdir(), "bowline-verify-app-"));
  const outfile = join(made, "chaos.js");
  bundle = (await buildDevice({ entry: "device/testing/chaos.ts", outfile, quiet: true })).outfile;
  return () => rmSync(made, { recursive: true });
});

describe("a running gateway", () => {
  /** A gateway with its API, and a runner of verbs against it. */
  async function house(...set: string[]): Promise<[TestGateway, VerbRunner]> {
    const gw = await startGateway(set);
    toStop.push(() => gw.stop());
    const tokens = await loadTokens(folder(), {});
    const about = { id: "gw-test", version: "0", store: "memory" } as const;
    const where = { host: "127.0.0.1", port: 0, pageDir: folder() };
    const server = new HttpServer({ gateway: gw.gateway, about, tokens, log: silentLog, ...where });
    const { port } = await server.start();
    toStop.push(() => server.stop());
    const { token } = tokens.find(({ role }) => role === "control")!;
    return [gw, new VerbRunner(`http://127.0.0.1:${port}/?token=${token}`)];
  }

  function board(gw: TestGateway, id: string, chaos: number): SimulatedBoard {
    const transport = { kind: "tcp", host: "127.0.0.1", port: gw.tcpPort } as const;
    const made = new SimulatedBoard({ id, bundle, transport, config: { grace: 0, interval: 0, chaos } });
    made.start();
    toStop.push(() => made.stop());
    return made;
  }

  test("boards that send as fast as they can: nothing is missing, whatever is on its way", async () => {
    const [gw, verbs] = await house();
    board(gw, "a", 1_000_000);
    board(gw, "b", 10);
    await gw.until("messages", () => gw.messages.length > 300);
    await gw.until("all of b", () => gw.messages.filter(({ device }) => device === "b").length === 10);
    const { code, out, err } = await verbs.run("verify");
    expect(err).toEqual([]);
    expect(code).toBe(0);
    expect(out[0]).toMatch(/^board +state +sent +acknowledged +delivered +given up +.* difference$/);
    expect(out[1]).toMatch(/^a +counted +[1-9]\d+ +\d+ +\d+ +0 +0 +0 +\d+ +0$/);
    expect(out[2]).toMatch(/^b +counted +10 +10 +10 +0 +0 +0 +0 +0$/);
    expect(out[3]).toMatch(/^store: \d+ messages, 1 to \d+, without a gap, read again$/);
    expect(out[4]).toBe("PASS");
  });

  test("what the store has given up to stay within its limits was delivered", async () => {
    const [gw, verbs] = await house("store.maxMessages=20");
    board(gw, "a", 100);
    await gw.until("all", () => gw.messages.filter(({ message }) => message.ot === "l:n").length === 100);
    const { code, out } = await verbs.run("verify", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out[0])).toMatchObject({ sent: 100, delivered: 100, difference: 0 });
    expect(JSON.parse(out[0]).givenUp).toBeGreaterThan(75);
    expect(JSON.parse(out[1])).toMatchObject({ verdict: "pass", uncounted: 0 });
  });

  test("a board that is away is not asked, and what the store holds of it is checked", async () => {
    const [gw, verbs] = await house();
    const gone = board(gw, "a", 30);
    await gw.until("all", () => gw.messages.length >= 30);
    gone.stop();
    await gw.until("away", () => !gw.gateway.devicesView()[0].connected);
    const { code, out } = await verbs.run("verify");
    expect([code, out.at(-1)]).toEqual([0, "PASS (1 of 1 board could not be counted)"]);
    expect(out[1]).toMatch(/^a +away +- +- +30 +- +0 +0 +0 +-$/);
  });

  test("a gateway that forgot what it had acknowledged fails: 7, and how many", async () => {
    const port = await freePort();
    const [first] = await house(`tcp.port=${port}`);
    board(first, "a", 40);
    await first.until("all", () => first.messages.length >= 40);
    await first.stop();
    const [second, verbs] = await house(`tcp.port=${port}`);
    await second.until("connected", () => second.gateway.devicesView()[0]?.connected === true);
    const { code, out, err } = await verbs.run("verify");
    expect(code).toBe(7);
    expect(out[1]).toMatch(/^a +counted +40 +40 +0 +0 .* 40$/);
    expect(out.at(-1)).toBe("FAIL");
    expect(err[0]).toContain("a: 40 of 40 sent are not in the store");
  });
});

describe("what a gateway may say", () => {
  let gateway: FakeGateway;
  let verbs: VerbRunner;

  beforeEach(async () => {
    gateway = new FakeGateway();
    const server = await new ServerUnderTest(gateway).start();
    toStop.push(() => server.stop());
    verbs = new VerbRunner(`${server.base}/?token=${control}`);
  });

  test("a board that does not answer is an error of its own", async () => {
    gateway.devices = [deviceView("a")];
    gateway.answer = () => Promise.resolve({ outcome: "unknown", reason: "no answer in time" });
    const { code, out, err } = await verbs.run("verify", "--timeout", "5s");
    expect([code, out.at(-1)]).toEqual([6, "UNKNOWN (1 of 1 board could not be counted)"]);
    expect(err[0]).toContain("asking a for its count: no answer in 5 s");
  });

  test("a board that does not count is told apart from one that is away", async () => {
    gateway.devices = [deviceView("a"), { ...deviceView("b"), connected: false }];
    gateway.answer = () => Promise.resolve({ outcome: "delivered", reply: { re: 1, fw: "own" } });
    const { code, out } = await verbs.run("verify");
    expect(code).toBe(0);
    expect(out.slice(1, 3).map((line) => line.slice(0, 16).trim())).toEqual([
      "a      no count",
      "b      away",
    ]);
    expect(out.at(-1)).toBe("PASS (2 of 2 boards could not be counted)");
    const json = (await verbs.run("verify", "--json")).out.map((line) => JSON.parse(line));
    const nothing = { sent: null, acknowledged: null, givenUp: null, difference: null };
    expect(json).toMatchObject([
      { board: "a", state: "no count", ...nothing },
      { board: "b", state: "away", ...nothing },
      { verdict: "pass", uncounted: 2 },
    ]);
  });
});

describe("a board's count", () => {
  const asked = { epoch: "e1", numbered: 5, held: 2, refused: 1 };

  function rowOf(seqs: number[], from = 1, more: object = {}) {
    const audit = new StoreAudit(() => asked.numbered);
    for (const [i, seq] of seqs.entries())
      audit.take({ n: from + i, device: "a", epoch: "e1", seq, at: 0, message: {} });
    return countBoard({ ...deviceView("a"), epoch: "e1", watermark: 9, ...more }, asked, audit);
  }

  test("all are there, and one that came later", () => {
    expect(rowOf([1, 2, 3, 4, 5, 6])).toEqual({
      ...{ board: "a", state: "counted", sent: 5, acknowledged: 3, delivered: 5, givenUp: 0 },
      ...{ suppressed: 0, missing: 0, refused: 1, difference: 0 },
    });
  });

  test.each([
    ["one in between is not there", [1, 2, 4, 5], 1, { delivered: 4, difference: 1 }],
    ["the last is not there", [1, 2, 3, 4], 1, { delivered: 4, difference: 1 }],
    ["the first are not there, though the store has given up nothing", [3, 4, 5], 1, { difference: 2 }],
    ["the first are not there, but it has", [3, 4, 5], 7, { delivered: 5, givenUp: 2, difference: 0 }],
    ["one is there twice", [1, 2, 3, 3, 4, 5], 1, { delivered: 6, difference: -1 }],
  ] as const)("%s", (_what, seqs, from, counts) => {
    expect(rowOf([...seqs], from)).toMatchObject(counts);
  });

  test("a store that holds none of them any more has the watermark", () => {
    expect(rowOf([])).toMatchObject({ delivered: 5, givenUp: 5, difference: 0 });
    expect(rowOf([], 1, { watermark: 3 })).toMatchObject({ delivered: 3, difference: 2 });
    expect(rowOf([], 1, { epoch: "e2" })).toMatchObject({ delivered: 0, difference: 5 });
  });

  test("every difference is said in words", () => {
    expect(faultsOf({ ...rowOf([1, 2]), missing: 2 })).toEqual([
      "a: 3 of 5 sent are not in the store",
      "a: 2 may be missing, by what its hello said",
    ]);
    expect(faultsOf(rowOf([1, 2, 3, 3, 4, 5]))).toEqual(["a: 1 more in the store than the 5 it sent"]);
  });
});

test("of a board behind another gateway a number may be absent, and none may come twice", () => {
  const life = { device: "gw2/sim-1", epoch: "e1", messages: 3, asked: 3, first: 1, last: 9, reordered: 0 };
  expect(faultsOfLife({ ...life, repeated: 0, absent: 6 })).toEqual([]);
  expect(faultsOfLife({ ...life, repeated: 1, absent: 6 })).toEqual(["gw2/sim-1, epoch e1: 1 repeated"]);
  expect(faultsOfLife({ ...life, device: "sim-1", repeated: 0, absent: 6 })).toHaveLength(1);
});
