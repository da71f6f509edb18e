/** `bowline sniff` against a real gateway and its HTTP API, with boards of the shared codec. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { until } from "../platform/testing/until.ts";
import { BoardClient } from "../testing/board-client.ts";
import { startGateway, type TestGateway } from "../testing/gateway.ts";
import { tcpTransport } from "../transports/tcp-transport.ts";
import { VerbRunner } from "./testing/run-verb.ts";

/** Messages of 15 KB. */
const MANY = 1000;

let gw: TestGateway;
let server: ServerUnderTest;
let board: BoardClient;
let verbs: VerbRunner;

beforeEach(async () => {
  gw = await startGateway();
  server = await new ServerUnderTest(gw.gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
  board = new BoardClient({ id: "sniffed", hasLink: false, bufferBytes: 250_000 });
  await dial();
  await gw.until("the hello", () => gw.gateway.devicesView().length === 1);
});
afterEach(async () => {
  board.detach();
  await server.stop();
  await gw.stop();
});

async function dial(): Promise<void> {
  const socket = connect(gw.tcpPort, "127.0.0.1");
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  board.attach(tcpTransport(socket));
}

const printed = (pattern: RegExp) => until(() => expect(verbs.terminal.printed.join("\n")).toMatch(pattern));
/** A session lasts as long as the gateway, its id is drawn anew for each. */
const idOf = () => gw.gateway.sessionsView()[0].id;

test("what passes is printed as it passes, until Ctrl-C", async () => {
  const run = verbs.run("sniff", "sniffed");
  await printed(/in the middle of a session; next packet of the board 1, of the gateway 1/);
  board.send('{"ot":"l:temp","v":22.5}');
  await printed(/sync: 1 packet received/);
  verbs.terminal.interrupt();
  const { code, out, err } = await run;
  expect([code, err]).toEqual([130, ["sniff: listening to sniffed of pi-kitchen; Ctrl-C ends it"]]);
  const text = 'data packet 1 of 24 bytes: datum {"ot":"l:temp","v":22.5}';
  expect(out.slice(1).map((line) => line.slice(9))).toContain(`  board →  ${text}`);
  expect(out.every((line) => /^ *\d+\.\d{3} {2}(board [→←]|-------) {2}/.test(line))).toBe(true);
});

test("a board is followed to its next connection, and its session's id is shown in part only", async () => {
  const run = verbs.run("sniff", "sniffed");
  await printed(/in the middle/);
  await dial();
  await printed(/handshake OK: session resumed/);
  verbs.terminal.interrupt();
  const out = (await run).out.join("\n");
  expect(out).toMatch(/------- {2}tcp 127\.0\.0\.1:\d+ is over: /);
  expect(out).toMatch(/------- {2}tcp 127\.0\.0\.1:\d+: from its beginning/);
  expect(out).toContain(`request to resume session ${idOf()}…, version 1`);
  expect(out).not.toMatch(new RegExp(`${idOf()}[0-9a-f]`));
});

test("a socket by a part of its name, and a session, are listened to; a socket that is over ends it", async () => {
  const { name } = gw.gateway.linksView()[0];
  const run = verbs.run("sniff", name.slice(-5));
  await printed(/in the middle/);
  board.detach();
  expect((await run).code).toBe(0);
  expect(verbs.terminal.printed.at(-1)).toMatch(/is over: /);
  const bySession = verbs.run("sniff", `${idOf()}…`);
  await until(() => expect(verbs.terminal.warned.join()).toContain("listening to sniffed of pi-kitchen"));
  expect(verbs.terminal.warned.join()).toContain("it is away, and waited for");
  verbs.terminal.interrupt();
  expect((await bySession).code).toBe(130);
});

test("--json prints one object a message, with its bytes", async () => {
  const run = verbs.run("sniff", "sniffed", "--json");
  await printed(/"kind":"link"/);
  board.send("{}");
  await printed(/sync/);
  verbs.terminal.interrupt();
  const [link, packet] = (await run).out.map((line) => JSON.parse(line));
  expect(link).toEqual({
    t: 0,
    connection: 1,
    kind: "link",
    name: gw.gateway.linksView()[0].name,
    wall: expect.any(Number),
  });
  expect(packet).toEqual({
    t: expect.any(Number),
    connection: 1,
    from: "board",
    kind: "message",
    meaning: "data packet 1 of 2 bytes: an empty message {}",
    clause: "session §4",
    isUnderstood: true,
    hex: "027b7d",
  });
});

test("--pcap writes what passes besides", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-sniff-"));
  try {
    const path = join(folder, "out.pcap");
    const run = verbs.run("sniff", "sniffed", "--pcap", path);
    await printed(/in the middle/);
    board.send("{}");
    await printed(/sync/);
    verbs.terminal.interrupt();
    await run;
    expect(readFileSync(path).includes("027b7d", undefined, "hex")).toBe(true);
    const bad = await verbs.run("sniff", "sniffed", "--pcap", join(folder, "no", "out.pcap"));
    expect([bad.code, bad.err[0]]).toEqual([3, expect.stringContaining("[CAPTURE_FAILED]")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what passes faster than it is read is counted and told, and what comes after is understood", async () => {
  const run = verbs.run("sniff", "sniffed");
  await printed(/in the middle/);
  let release = () => {};
  verbs.terminal.ready = new Promise((resolve) => {
    release = resolve;
  });
  // More than the sockets between gateway and verb hold besides what the gateway keeps for it.
  const filled = JSON.stringify({ ot: "l:fill", text: "x".repeat(15_000) });
  for (let i = 0; i < MANY; i++) board.send(filled);
  await gw.until("all messages", () => gw.messages.length === MANY);
  release();
  await printed(/------- {2}\d+ chunks, \d+ bytes were missed: more came than was read here/);
  board.send('{"ot":"l:after"}');
  await printed(/datum {"ot":"l:after"}/);
  verbs.terminal.interrupt();
  const { out } = await run;
  expect(out.filter((line) => line.includes("??"))).toEqual([]);
  const missed = out.findIndex((line) => line.includes("were missed"));
  expect(out[missed + 1]).toContain("in the middle of a session; next packet of the board");
});

test("a name that nothing has ends it with 3 and what there is", async () => {
  const { code, err } = await verbs.run("sniff", "nobody");
  expect(code).toBe(3);
  expect(err[0]).toMatch(/looking for "nobody": no such link or board; known: sniffed, tcp 127\.0\.0\.1:\d+/);
});

test("a gateway that stops is waited for, and then the board that its next life does not know yet", async () => {
  const run = verbs.run("sniff", "sniffed");
  await printed(/in the middle/);
  const { port } = server;
  await server.stop();
  await until(() => expect(verbs.terminal.warned[1]).toMatch(/was lost; trying again until it is back/));
  const { gateway } = gw;
  gw = await startGateway();
  server = await new ServerUnderTest(gw.gateway, { port }).start();
  board.detach();
  board = new BoardClient({ id: "sniffed", hasLink: false });
  await dial();
  await until(() =>
    expect(verbs.terminal.warned[2]).toBe("sniff: listening to sniffed of pi-kitchen; again"),
  );
  verbs.terminal.interrupt();
  expect((await run).code).toBe(130);
  await gateway.stop();
});
