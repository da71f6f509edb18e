import { afterEach, beforeEach, expect, test } from "vitest";
import type { BowlineError } from "../../platform/errors.ts";
import { until } from "../../platform/testing/until.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { eventText, type Handler, RawServer } from "../testing/raw-server.ts";
import { connectClient } from "./client.ts";
import { EventFeed } from "./event-feed.ts";

let terminal: FakeTerminal;
let server: RawServer;
let heard: string[];
let connections: number;
let feed: Promise<unknown>;

const greeting = (epoch: string, next: number, oldest = 1) => ({
  gateway: "gw",
  version: "0.1.0",
  epoch,
  next,
  oldest,
});
const message = (n: number) => eventText("message", n, { n, device: "sim-1", at: 0, message: { v: n } });

beforeEach(async () => {
  terminal = new FakeTerminal();
  terminal.env = { BOWLINE_TOKEN: "control-token-0123456789" };
  server = await new RawServer((_request, response) => response.destroy()).start();
  heard = [];
  connections = 0;
});

afterEach(async () => {
  terminal.interrupt();
  await feed;
  await server.stop();
});

/** Answers with these streams one after the other, each left open or cut; the last one answers all that follow. */
function play(...streams: { text: string; isCut?: boolean }[]): void {
  let count = 0;
  const handler: Handler = (_request, response) => {
    const { text, isCut } = streams[Math.min(count++, streams.length - 1)];
    response.writeHead(200, { "content-type": "text/event-stream" }).write(text);
    if (isCut) setTimeout(() => response.destroy(), 20);
  };
  server.handler = handler;
}

function follow(from?: number): void {
  const connect = () => {
    connections++;
    return connectClient({ url: server.url }, terminal);
  };
  const run = new EventFeed(
    { connect, from, signal: terminal.signal, pausesMs: [1, 5] },
    {
      onMessage: ({ n }) => heard.push(String(n)),
      onGap: (first, last) => heard.push(`gap ${first}-${last}`),
      onFollowing: ({ epoch }, how) => heard.push(`${how} ${epoch}`),
      onLost: ({ code }) => heard.push(`lost ${code}`),
    },
  ).run();
  feed = run.catch((error: unknown) => error);
}

const untilHeard = (expected: string[]) => until(() => expect(heard).toEqual(expected));
/** What the gateway was asked, a request each. */
const asked = () => server.requests.map(({ url, headers }) => `${url} ${headers["last-event-id"] ?? "-"}`);

test("asks from where it left off, and hears every message once", async () => {
  play(
    { text: eventText("gateway", 6, greeting("a", 7)) + message(7) + message(8), isCut: true },
    { text: eventText("gateway", 8, greeting("a", 10)) + message(8) + message(9) },
  );
  follow();
  await untilHeard(["first a", "7", "8", "lost GATEWAY_LOST", "again a", "9"]);
  expect(asked()).toEqual(["/api/v1/events -", "/api/v1/events 8"]);
});

test("a connection that was lost before the first message goes on after what was the last then", async () => {
  play(
    { text: eventText("gateway", 6, greeting("a", 7)), isCut: true },
    { text: eventText("gateway", 6, greeting("a", 9)) + message(7) },
  );
  follow();
  await untilHeard(["first a", "lost GATEWAY_LOST", "again a", "7"]);
  expect(asked()[1]).toBe("/api/v1/events 6");
});

test("--from is asked for once, and what the store gave up is said", async () => {
  play(
    {
      text: eventText("gateway", 0, greeting("a", 7, 5)) + eventText("gap", 4, { from: 1, to: 4 }),
      isCut: true,
    },
    { text: eventText("gateway", 4, greeting("a", 7, 5)) + message(5) },
  );
  follow(0);
  await untilHeard(["first a", "gap 1-4", "lost GATEWAY_LOST", "again a", "5"]);
  expect(asked()).toEqual(["/api/v1/events?from=0 -", "/api/v1/events 4"]);
});

test("a gateway that was restarted is read from its first message, however far its numbers have come", async () => {
  play(
    { text: eventText("gateway", 0, greeting("a", 1)) + message(1) + message(2), isCut: true },
    { text: eventText("gateway", 2, greeting("b", 9)) + message(3) },
    { text: eventText("gateway", 0, greeting("b", 9)) + message(1) + message(2) },
  );
  follow();
  await untilHeard(["first a", "1", "2", "lost GATEWAY_LOST", "anew b", "1", "2"]);
  expect(asked()).toEqual(["/api/v1/events -", "/api/v1/events 2", "/api/v1/events 0"]);
});

test("a loss is told once, however long the gateway stays away", async () => {
  play({ text: eventText("gateway", 0, greeting("a", 1)) });
  follow();
  await untilHeard(["first a"]);
  const { port } = server;
  await server.stop();
  await until(() => expect(connections).toBeGreaterThan(5));
  await server.start(port);
  await untilHeard(["first a", "lost GATEWAY_LOST", "again a"]);
});

test.each([
  ["nobody there", () => server.stop(), { code: "NOT_RUNNING", exitCode: 3 }],
  ["no stream", () => play({ text: "<html>", isCut: true }), { code: "GATEWAY_LOST", exitCode: 1 }],
  ["no JSON", () => play({ text: "event: gateway\ndata: x\n\n" }), { code: "NO_GATEWAY", exitCode: 1 }],
])("%s at the first connection is the end", async (_name, prepare, expected) => {
  await prepare();
  follow();
  expect(await feed).toMatchObject(expected);
});

test("what waiting does not mend is the end, also later", async () => {
  const body = JSON.stringify({ error: { code: "TOKEN_REFUSED", message: "another token", mend: "" } });
  play({ text: eventText("gateway", 0, greeting("a", 1)), isCut: true });
  const first = server.handler;
  server.handler = (request, response) => {
    if (server.requests.length === 1) first(request, response);
    else response.writeHead(401).end(body);
  };
  follow();
  const error = (await feed) as BowlineError;
  expect([error.code, error.exitCode]).toEqual(["TOKEN_REFUSED", 4]);
});

test("an interruption ends it while it reads and while it waits", async () => {
  play({ text: eventText("gateway", 0, greeting("a", 1)) });
  follow();
  await untilHeard(["first a"]);
  terminal.interrupt();
  expect(await feed).toMatchObject({ name: "AbortError" });
});
