/**
 * Components around the program as users run it, which is killed with -9 meanwhile: strangers made of the real libzmq,
 * a board on the network, and people with a token.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Push } from "zeromq";
import type { Hub } from "../../hub/hub.ts";
import { type Ear, HubBench } from "../../hub/testing/components.ts";
import { framesOf, messageOf, textOf } from "../../hub/testing/messages.ts";
import { decodeMessage } from "../../monique/body.ts";
import { drawId } from "../../monique/id.ts";
import type { Message } from "../../monique/message.ts";
import { until } from "../../platform/testing/until.ts";
import { BoardClient } from "../../testing/board-client.ts";
import { freePort } from "../../testing/free-port.ts";
import { tcpTransport } from "../../transports/tcp-transport.ts";
import { BuiltProgram, type ProgramRun, tcpPortOf } from "../testing/built-program.ts";

let program: BuiltProgram;
let cwd: string;
let bench: HubBench;
let board: BoardClient;
let run: ProgramRun;
let ports: Record<"http" | "tcp" | "comIn" | "comOut" | "techIn" | "techOut", number>;

beforeAll(async () => {
  program = await BuiltProgram.make();
});
afterAll(() => program.remove());

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-up-"));
  const [http, tcp, comIn, comOut, techIn, techOut] = await Promise.all(Array.from({ length: 6 }, freePort));
  ports = { http, tcp, comIn, comOut, techIn, techOut };
  bench = new HubBench();
  const [com, tech] = [
    { in: comIn, out: comOut },
    { in: techIn, out: techOut },
  ];
  bench.hub = { addresses: { host: "127.0.0.1", com, tech, controller: {} } } as Hub;
  board = new BoardClient({ id: "sim-1", hasLink: false });
  await start();
  board.attach(await dial());
  await until(() => board.epoch !== "");
});
afterEach(async () => {
  bench.closeSockets();
  board.detach();
  run.kill("SIGKILL");
  await run.ended;
  rmSync(cwd, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const { http, tcp, comIn, comOut, techIn, techOut } = ports;
  const set = [
    ...[`http.port=${http}`, `tcp.port=${tcp}`, "gateway.id=kitchen"],
    ...[`monique.hub.com.in=${comIn}`, `monique.hub.com.out=${comOut}`],
    ...[`monique.hub.tech.in=${techIn}`, `monique.hub.tech.out=${techOut}`],
  ];
  run = program.start(["up", "--quiet", ...set.flatMap((one) => ["--set", one])], { cwd });
  expect(await tcpPortOf(run)).toBe(tcp);
}

async function killAndRestart(): Promise<void> {
  run.kill("SIGKILL");
  await run.ended;
  board.detach();
  await start();
}

async function dial() {
  const socket = connect(ports.tcp, "127.0.0.1");
  await once(socket, "connect");
  return tcpTransport(socket);
}

/** A subscription is made anew on a connection of its own: until then what is published passes it by. */
async function isHeardAgain(ear: Ear, com: Push): Promise<void> {
  const probe = messageOf({ type: "result", spec: "bowline_sim-1", pid: drawId(), data: textOf({}) });
  await until(async () => {
    await com.send([...framesOf({ ...probe, id: drawId() })]);
    return answersTo(ear, { ...probe, id: probe.pid }).length > 0;
  });
}

/** The board finds out that its session is gone, and begins another. */
async function rejoin(): Promise<void> {
  const ends = board.ends.length;
  board.attach(await dial());
  await until(() => board.ends.length > ends);
  board.attach(await dial());
}

const taskOf = (data: object) => messageOf({ type: "config", spec: "bowline_sim-1", data: textOf(data) });
const asked = () => board.packets.map((text) => JSON.parse(text));

/** What was answered to a task, as often as it was. */
function answersTo(ear: Ear, { id }: Message): unknown[] {
  return ear.heard
    .map(([, body]) => decodeMessage(body) as Message)
    .filter(({ pid }) => pid === id)
    .map(({ type, data }) => [type, JSON.parse(Buffer.from(data).toString())]);
}

async function call(
  method: string,
  path: string,
  role: "control" | "read",
  body?: object,
): Promise<[number, { kills: object[] }]> {
  const { tokens } = JSON.parse(readFileSync(join(cwd, "data/tokens.json"), "utf8"));
  const { token } = tokens.find((one: { role: string }) => one.role === role);
  const headers = { authorization: `Bearer ${token}` };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`http://127.0.0.1:${ports.http}/api/v1/${path}`, { method, headers, ...sent });
  return [answer.status, (await answer.json()) as { kills: object[] }];
}

test("a task that had left is done once, and answered once, also when it is asked for again", async () => {
  const ear = await bench.comOut("result:bowline_sim-1:");
  const com = await bench.comIn();
  const task = taskOf({ ot: "l:led", on: true });
  await com.send([...framesOf(task)]);
  await until(() => board.packets.length === 1);
  await killAndRestart();
  await com.send([...framesOf(task)]);
  await isHeardAgain(ear, com);
  await rejoin();
  const [{ rq }] = asked();
  board.send(JSON.stringify({ re: rq, on: true }));
  await until(() => answersTo(ear, task).length > 0);
  const next = taskOf({ ot: "l:info" });
  for (const one of [task, next]) await com.send([...framesOf(one)]);
  await until(() => asked().length === 2);
  board.send(JSON.stringify({ re: asked()[1].rq, board: "PICO" }));
  await until(() => answersTo(ear, next).length > 0);
  expect(asked().map(({ ot }) => ot)).toEqual(["l:led", "l:info"]);
  expect(answersTo(ear, task)).toEqual([["result", { on: true }]]);
});

test("a task that was taken for a board that is away is done once it comes, by the next gateway", async () => {
  board.detach();
  const ear = await bench.comOut("result:bowline_sim-1:");
  const task = taskOf({});
  const body = { spec: task.spec, id: task.id, data: { ot: "l:led" } };
  expect((await call("POST", "tasks", "control", body))[0]).toBe(202);
  await killAndRestart();
  await isHeardAgain(ear, await bench.comIn());
  await rejoin();
  await until(() => asked().length === 1);
  board.send(JSON.stringify({ re: asked()[0].rq }));
  await until(() => answersTo(ear, task).length === 1);
});

test("the token that reads kills nothing, and that it was tried is in the audit, also after kill -9", async () => {
  const task = taskOf({ ot: "l:led" });
  await (await bench.comIn()).send([...framesOf(task)]);
  await until(() => board.packets.length === 1);
  expect((await call("DELETE", `tasks/${task.id}`, "read"))[0]).toBe(403);
  expect(await call("DELETE", `tasks/${task.id}`, "control")).toMatchObject([
    200,
    { outcome: "confirmed", how: "the board was told" },
  ]);
  const audited = [
    { task: task.id, outcome: "confirmed", by: { via: "http", who: "control at 127.0.0.1" } },
    { task: task.id, outcome: "refused", by: { via: "http", who: "read at 127.0.0.1" } },
  ];
  expect((await call("GET", "kills", "read"))[1].kills).toMatchObject(audited);
  expect(asked().map(({ ot, kill }) => [ot, kill])).toEqual([
    ["l:led", undefined],
    [undefined, asked()[0].rq],
  ]);
  await killAndRestart();
  expect((await call("GET", "kills", "read"))[1].kills).toMatchObject(audited);
});
