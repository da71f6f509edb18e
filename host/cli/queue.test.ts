/** The verbs against real gateways: attic, linked with barn; shed is away, and so is a board of attic. */
import { beforeEach, expect, test } from "vitest";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import type { TestGateway } from "../testing/gateway.ts";
import { type LinkedGateways, startLinked } from "../testing/linked-gateways.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb, splitToken, VerbRunner } from "./testing/run-verb.ts";

const stops = stopAfterEach();
let linked: LinkedGateways;
let attic: TestGateway;
let url: string;
let verbs: VerbRunner;

beforeEach(async () => {
  linked = await startLinked();
  stops.push(() => linked.stop());
  attic = linked.attic;
  const server = await new ServerUnderTest(attic.gateway).start();
  stops.push(() => server.stop());
  url = `${server.base}/?token=${control}`;
  verbs = new VerbRunner(url);
});

/** Something for shed. */
async function sendTo(dst: bigint, lane = Lane.NORMAL, ttlMs = Infinity, bytes = 1000): Promise<void> {
  await attic.gateway.others.mesh.send({
    ...{ dst, cmd: Command.EVENT, reqtype: Reqtype.ASYNC, lane, ttlMs },
    content: Buffer.alloc(bytes),
  });
}

/** A board that said hello and went away. */
async function awayBoard(id: string): Promise<void> {
  const board = await attic.board({ id });
  const isThere = () => attic.gateway.devicesView().some((one) => one.id === id && one.connected);
  await attic.until("hello", isThere);
  board.detach();
  await attic.until("away", () => !isThere());
}

const withoutTimes = (line: string) =>
  line
    .replace(/[\d.]+\/s in, [\d.]+\/s out/, "RATE")
    .replace(/\d+ (s|min) left/, "TIME left")
    .replace(/ {2}\d+ s /, "  N s ")
    .replace(/full in [^,]+? if it goes on so/, "full in TIME")
    .replace(/for \d+ s$/, "for N s")
    .replace(/ +/g, " ");

test("queue lists the store, each gateway, and boards for which something waits", async () => {
  await awayBoard("b-1");
  await awayBoard("b-2");
  await sendTo(8n);
  const asked = attic.request("b-1", { ot: "l:led" }, 600_000);
  await until(() => attic.gateway.queues.view("b-1").packets === 1);
  const { code, out, err } = await verbs.run("queue");
  expect([code, err]).toEqual([0, []]);
  expect(out.map((line) => line.trim().split(/ {2,}/).slice(0, 3))).toEqual([
    ["queue", "holds", "bytes"],
    ["store", "0", expect.stringMatching(/^\d+ B of 256 MiB$/)],
    ["gateway barn", "0", "0 B of 64.0 MiB"],
    ["gateway shed", "1", "1.0 KiB of 64.0 MiB"],
    ["b-1", "1", expect.stringMatching(/^\d\d B$/)],
  ]);
  expect(out[4]).toMatch(/ {2}1, 10 min left$/);
  const rows = (await verbs.run("queue", "--json")).out.map((line) => JSON.parse(line));
  expect(rows.map((row) => [row.queue, row.device ?? row.name ?? ""])).toEqual([
    ["store", ""],
    ["board", "b-1"],
    ["peer", "b-1"],
    ["peer", "barn"],
    ["peer", "shed"],
  ]);
  expect(rows[1]).toMatchObject({ queued: 1, unacknowledged: 0, open: 1 });
  await verbs.run("queue", "purge", "b-1", "--yes");
  expect(await asked).toEqual({ outcome: "cancelled" });
});

test("queue PEER tells places, lanes, limits, rates and what became of packets so far", async () => {
  await sendTo(8n);
  await sendTo(8n, Lane.ALARM);
  const { out } = await verbs.run("queue", "shed");
  expect(out.map(withoutTimes)).toEqual([
    "gateway shed, host id 8",
    "waiting 2 packets, 2.1 KiB, the oldest for N s",
    "places new 0, working 2 (2.1 KiB), session 0, wire 0",
    "lanes control 0, alarm 1 (1.0 KiB), normal 1 (1.0 KiB), bulk 0",
    "most 100000 packets, 64.0 MiB",
    expect.stringMatching(/^rate RATE/),
    "so far added 2, refused 0; delivered 0, expired 0, cancelled 0, peer-removed 0, dropped-by-policy 0, rejected 0, unknown 0",
  ]);
  const [line] = (await verbs.run("queue", "8", "--json")).out;
  expect(JSON.parse(line)).toMatchObject({ kind: "gateway", id: "8", name: "shed", packets: 2, added: 2 });
  const unknown = await verbs.run("queue", "shet");
  expect([unknown.code, unknown.err[0]]).toEqual([3, expect.stringContaining("did you mean shed?")]);
});

test("queue inspect tells the packets in the order in which they leave", async () => {
  await sendTo(8n, Lane.BULK);
  await sendTo(8n, Lane.CONTROL, 3_600_000);
  const router = attic.gateway.router;
  await router.submit("shed/sim-1", { ot: "l:led" }, 600_000);
  const { out } = await verbs.run("queue", "inspect", "shed");
  expect(
    out.map((line) =>
      line
        .trim()
        .split(/ {2,}/)
        .filter((_, i) => i !== 5),
    ),
  ).toEqual([
    ["packet", "place", "lane", "from", "number", "left", "bytes", "has left"],
    ["EVENT shed", "working", "control", "5", "2", "60 min", "1.0 KiB", "no"],
    ["DATA request shed/sim-1 l:led", "working", "normal", "5", "3", "10 min", "111 B", "no"],
    ["EVENT shed", "working", "bulk", "5", "1", "-", "1.0 KiB", "no"],
  ]);
  const short = await verbs.run("queue", "inspect", "shed", "--limit", "1", "--json");
  expect(short.out.map((line) => JSON.parse(line))).toMatchObject([{ what: "EVENT shed", lane: 0, seq: 2 }]);
  expect(short.err).toEqual(["and 2 more packets: --limit"]);
  const nothing = await verbs.run("queue", "inspect", "barn");
  expect(nothing).toEqual({ code: 0, out: [], err: ["nothing waits for barn"] });
});

test("queue inspect tells a board's requests, and by when each is wanted", async () => {
  await awayBoard("b-1");
  const { rq } = await attic.gateway.router.submit("b-1", { ot: "l:led" }, 600_000);
  const { out } = await verbs.run("queue", "inspect", "b-1", "--json");
  const [packet] = out.map((line) => JSON.parse(line));
  expect(packet).toMatchObject({
    place: "session",
    lane: 2,
    what: `l:led ${rq}`,
    origin: "",
    hasLeft: false,
  });
  expect(packet.leftMs).toBeGreaterThan(500_000);
});

test("queue purge ends requests as withdrawn, spares lane 0, and asks nobody only when told so", async () => {
  await sendTo(8n, Lane.CONTROL);
  const { outcome } = await attic.gateway.router.submit("shed/sim-1", { ot: "l:led" }, 600_000);
  const refused = await verbs.run("queue", "purge", "shed");
  expect([refused.code, refused.err[0]]).toEqual([
    2,
    "bowline: withdrawing 1 packet (111 B) for shed: nobody is there to be asked whether that is meant; allowed: --yes [NOT_CONFIRMED]\n  mend: npx bowline queue purge shed --yes",
  ]);
  const { code, out } = await verbs.run("queue", "purge", "shed", "--yes");
  expect([code, out]).toEqual([0, ["1 packet for shed withdrawn"]]);
  expect(await outcome).toEqual({ outcome: "cancelled" });
  const control = await verbs.run("queue", "purge", "shed", "--lane", "control", "--yes", "--json");
  expect(JSON.parse(control.out[0])).toEqual({ name: "shed", withdrawn: 1, maybeDelivered: 0, left: 0 });
  const lane = await verbs.run("queue", "purge", "shed", "--lane", "4", "--yes");
  expect([lane.code, lane.err[0]]).toEqual([2, expect.stringContaining("allowed: 0 or control, 1 or alarm")]);
});

test("queue purge asks who sits there", async () => {
  await sendTo(8n);
  const questions: string[] = [];
  const run = async (answer: string) => {
    const terminal = new FakeTerminal();
    const { env, option } = splitToken(url);
    terminal.env = env;
    terminal.questions = {
      choose: async (message) => {
        questions.push(message);
        return answer;
      },
      secret: () => Promise.reject(new Error("not asked")),
    };
    return runVerb(["queue", ...option, "purge", "shed"], terminal);
  };
  expect(await run("no")).toEqual({ code: 0, out: [], err: ["nothing was withdrawn"] });
  expect(await run("yes")).toMatchObject({ code: 0, out: ["1 packet for shed withdrawn"] });
  expect(questions[0]).toBe("Withdraw 1 packet (1.0 KiB) for shed? What it was to do is not done.");
});

test("queue drain resolves when nothing waits, and ends with 6 at the end of its time", async () => {
  await sendTo(7n);
  const drained = await verbs.run("queue", "drain", "barn");
  expect(drained).toMatchObject({ code: 0, out: ["nothing waits for barn"] });
  await sendTo(8n);
  const { code, err } = await verbs.run("queue", "drain", "shed", "--timeout", "1ms");
  expect([code, err[0]]).toEqual([6, expect.stringContaining("1 packet (1.0 KiB) waits [QUEUE_NOT_EMPTY]")]);
  const waiting = verbs.run("queue", "drain", "shed");
  await until(() => verbs.terminal.progressed.length > 0);
  attic.gateway.queues.purge("shed", null);
  expect(await waiting).toMatchObject({ code: 0, out: ["nothing waits for shed"] });
  const [line] = (await verbs.run("queue", "drain", "shed", "--json")).out;
  expect(JSON.parse(line)).toMatchObject({ name: "shed", packets: 0 });
});

test("queue dead tells what will not arrive, and forgets it when told so", async () => {
  await sendTo(8n, Lane.NORMAL, 1);
  await until(() => attic.gateway.letters.list().length === 1);
  const { out } = await verbs.run("queue", "dead");
  const cells = out.map((line) =>
    line
      .trim()
      .split(/ {2,}/)
      .filter((_, i) => i !== 1),
  );
  expect(cells).toEqual([
    ["letter", "waited for", "outcome", "command", "lane", "from", "number", "to", "bytes"],
    ["1", "shed", "expired", "EVENT", "normal", "5", "1", "8", "1.0 KiB"],
  ]);
  const [line] = (await verbs.run("queue", "dead", "8", "--json")).out;
  expect(JSON.parse(line)).toMatchObject({ name: "shed", frame: expect.stringMatching(/^4947/) });
  expect(await verbs.run("queue", "dead", "barn")).toMatchObject({
    out: [],
    err: ["there are no dead letters"],
  });
  expect((await verbs.run("queue", "dead", "barm")).code).toBe(3);
  expect((await verbs.run("queue", "dead", "barn", "--clear")).out).toEqual(["0 dead letters forgotten"]);
  expect((await verbs.run("queue", "dead", "--clear")).out).toEqual(["1 dead letter forgotten"]);
  expect(attic.gateway.letters.list()).toEqual([]);
});
