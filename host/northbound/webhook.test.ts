/** A real HTTP server that is told messages: signed, once each in a board's order, over its faults and its absence. */
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { folderForEach } from "../testing/folders.ts";
import { freePort } from "../testing/free-port.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import { Webhook } from "./webhook.ts";

interface Told {
  headers: IncomingHttpHeaders;
  body: string;
  status: number;
}

const folder = folderForEach("webhook");
let store: DurableStore;
let server: Server;
let told: Told[];
/** Statuses to answer with, one after the other; then 204. */
let answers: number[];
/** What is said at the socket, one after the other, before any of `answers`. */
let ways: ((socket: Socket) => void)[];
/** What is answered to a board, whatever comes next. */
let ruling: Map<string, number>;
let hook: Webhook | null;

beforeEach(async () => {
  store = await openTestStore();
  [told, answers, ways, hook, ruling] = [[], [], [], null, new Map()];
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      const way = ways.shift();
      if (way !== undefined) {
        told.push({ headers: request.headers, body, status: 0 });
        return way(request.socket);
      }
      const status = ruling.get(JSON.parse(body).device) ?? answers.shift() ?? 204;
      if (status === 0) return request.socket.destroy();
      told.push({ headers: request.headers, body, status });
      response.writeHead(status).end(status === 204 ? "" : "no room");
    });
  });
  // However slow a test is, what is idle is closed by nobody but the test.
  server.keepAliveTimeout = 0;
  await listen(await freePort());
});
afterEach(async () => {
  await hook?.stop(0);
  await store.stop();
  server.closeAllConnections();
  server.close();
});

const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
const portOf = () => (server.address() as AddressInfo).port;

async function begin(settings: object = {}): Promise<Webhook> {
  const url = "url" in settings ? settings.url : `http://127.0.0.1:${portOf()}/bowline?key=hidden`;
  const own = { name: "home", from: "oldest", url };
  const { webhooks } = configSchema.parse({ webhooks: [{ ...own, ...settings }] });
  const clock = { now: () => performance.now(), wall: () => 1_795_301_705_120 };
  const one = new Webhook(webhooks[0], "webhooks.0", { store, clock, log: silentLog });
  await one.load();
  one.start();
  hook = one;
  return one;
}

test("it is told each message, as the API has it, under its id, with a token and a signature", async () => {
  const secret = join(folder(), "secret");
  const token = join(folder(), "token");
  const key = Buffer.from("a secret of 24 bytes, so.");
  writeFileSync(secret, `whsec_${key.toString("base64")}\n`, { mode: 0o600 });
  writeFileSync(token, "tok-1\n", { mode: 0o600 });
  await appendTo(store, "gw2/sim-1", 7, { ot: "l:temp", v: 22.5 }, { epoch: "9f3c", at: 5 });
  await begin({ secretFile: secret, tokenFile: token });
  await until(() => told.length === 1);
  const [{ headers, body }] = told;
  expect(JSON.parse(body)).toEqual({
    ...{ id: "sim-1:9f3c:7", n: 1, device: "gw2/sim-1", epoch: "9f3c", seq: 7, at: 5 },
    message: { ot: "l:temp", v: 22.5 },
  });
  expect(headers).toMatchObject({
    ...{ authorization: "Bearer tok-1", "content-type": "application/json" },
    ...{ "webhook-id": "sim-1:9f3c:7", "webhook-timestamp": "1795301705" },
  });
  const signed = createHmac("sha256", key).update(`sim-1:9f3c:7.1795301705.${body}`).digest("base64");
  expect(headers["webhook-signature"]).toBe(`v1,${signed}`);
});

test("what is not answered with 2xx comes again under its id, and the board's next one waits for it", async () => {
  answers = [500, 0, 404];
  await appendTo(store, "a", 1);
  await appendTo(store, "a", 2);
  const one = await begin();
  await until(() =>
    expect(one.view()).toMatchObject({ state: "away", fault: expect.stringContaining("500 no room") }),
  );
  expect(one.view()).toMatchObject({ target: `http://127.0.0.1:${portOf()}/bowline` });
  await until(() => expect(one.view()).toMatchObject({ behind: 0, state: "connected", fault: "" }));
  expect(told.map(({ headers }) => headers["webhook-id"])).toEqual(["a:e:1", "a:e:1", "a:e:1", "a:e:2"]);
});

test.each([413, 422])("an answer of %i refuses the message, and what follows it passes", async (status) => {
  answers = [status];
  await appendTo(store, "a", 1);
  await appendTo(store, "a", 2);
  const one = await begin();
  await until(() => expect(one.view()).toMatchObject({ behind: 0, refused: 1, sent: 1, fault: "" }));
});

/** Of a board, those that were answered with 2xx. */
const takenOf = (board: string) =>
  told.filter(({ body, status }) => status < 300 && JSON.parse(body).device === board).map(seqOf);
const seqOf = ({ body }: Told) => JSON.parse(body).seq as number;

test.each([400, 403, 500])(
  "answers of %i to one board hold up that board alone; once it is taken, all of its come, once and in order",
  async (status) => {
    const seqs = Array.from({ length: 300 }, (_, i) => i + 1);
    ruling.set("a", status);
    await Promise.all(seqs.flatMap((seq) => ["a", "b", "c"].map((board) => appendTo(store, board, seq))));
    const one = await begin();
    await until(() => expect([takenOf("b"), takenOf("c")]).toEqual([seqs, seqs]));
    const fault = expect.stringContaining(`answered ${status} no room`);
    await until(() => expect(one.view()).toMatchObject({ behind: 300, aside: [{ device: "a", fault }] }));
    expect(one.view()).toMatchObject({ state: "connected", fault: "" });
    expect(one.view().aside[0].mend).toMatch(status === 400 ? /^look into what answers at http:/ : /^$/);
    ruling.clear();
    await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [], sent: 900 }));
    expect(takenOf("a")).toEqual(seqs);
    expect(new Set(told.filter(({ status: said }) => said < 300).map(({ body }) => body)).size).toBe(900);
  },
);

test("a redirection is not followed: the messages are for this address", async () => {
  answers = [307];
  await appendTo(store, "a", 1);
  const one = await begin();
  await until(() => expect(one.view().fault).toContain("307"));
  expect(one.view().mend).toBe("webhooks[].url: where it redirects to, which is not followed");
});

test.each([
  [401, "webhooks[].tokenFile, webhooks[].secretFile: as the server has them"],
  [404, "webhooks[].url: where it takes what is posted"],
  [500, /^curl -i -d '\{\}' http:\/\/127\.0\.0\.1:\d+$/],
])("an answer of %i has its mend", async (status, mend) => {
  ruling.set("a", status);
  await appendTo(store, "a", 1);
  const one = await begin();
  await until(() => expect(one.view().fault).toContain(String(status)));
  expect(one.view().mend).toEqual(typeof mend === "string" ? mend : expect.stringMatching(mend));
});

const says = (text: string) => (socket: Socket) => void socket.write(text.replaceAll("\n", "\r\n"));
const saysAndEnds = (text: string) => (socket: Socket) => void socket.end(text.replaceAll("\n", "\r\n"));
const idsTold = () => told.map(({ headers }) => headers["webhook-id"]);

test("a change of protocol is no answer: it is told with its mend, and the message comes again", async () => {
  const changes = says("HTTP/1.1 101 Switching Protocols\nupgrade: websocket\nconnection: upgrade\n\n");
  ways = Array.from({ length: 100 }, () => changes);
  await appendTo(store, "a", 1);
  const one = await begin();
  await until(() => expect(one.view()).toMatchObject({ state: "away" }));
  expect(one.view().fault).toMatch(/: answered 101; expected 2xx$/);
  expect(one.view().mend).toBe(
    "webhooks[].url: of what takes webhooks; what answers there changes to another protocol",
  );
  ways = [];
  await until(() => expect(one.view()).toMatchObject({ behind: 0, sent: 1, state: "connected", fault: "" }));
});

test("a 2xx has taken the message, however its body ends or does not: it comes once", async () => {
  const begins = "HTTP/1.1 200 OK\ncontent-length: 100\n\nhalf";
  ways = [
    saysAndEnds(begins),
    says(begins),
    saysAndEnds("HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\nzz\n"),
  ];
  for (const seq of [1, 2, 3, 4]) await appendTo(store, "a", seq);
  const one = await begin();
  await until(() => expect(one.view()).toMatchObject({ behind: 0, sent: 4, repeated: 0, fault: "" }));
  expect(idsTold()).toEqual(["a:e:1", "a:e:2", "a:e:3", "a:e:4"]);
});

test("another answer whose body does not end is that answer, with its words and its mend", async () => {
  const endless = says("HTTP/1.1 500 So\ncontent-length: 100\n\nno room");
  // It is asked again until it is looked at.
  ways = Array.from({ length: 100 }, () => endless);
  await appendTo(store, "a", 1);
  const one = await begin({ timeoutS: 600 });
  await until(() => expect(one.view().fault).toMatch(/: answered 500 no room; expected 2xx$/));
  expect(one.view().mend).toMatch(/^curl -i /);
});

test("a connection that the server closes as it is used again is no fault", async () => {
  await appendTo(store, "a", 1);
  const one = await begin();
  await until(() => expect(one.view()).toMatchObject({ sent: 1 }));
  ways = [(socket) => void socket.destroy()];
  await appendTo(store, "a", 2);
  one.wake();
  await until(() => expect(one.view()).toMatchObject({ sent: 2, repeated: 0, fault: "" }));
  expect(idsTold()).toEqual(["a:e:1", "a:e:2", "a:e:2"]);
});

test("nothing is posted any more once it has stopped", async () => {
  const ports: (number | undefined)[] = [];
  server.on("connection", ({ remotePort }) => ports.push(remotePort));
  await appendTo(store, "a", 1);
  const one = await begin();
  await until(() => expect(one.view()).toMatchObject({ sent: 1 }));
  ways = [() => {}];
  await appendTo(store, "a", 2);
  one.wake();
  await until(() => told.length === 2);
  await one.stop(0);
  // Whoever connects later is heard later.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const late = connect(portOf(), "127.0.0.1");
  await until(() => late.localPort !== undefined && ports.includes(late.localPort));
  late.destroy();
  expect(ports.length).toBe(2);
  expect(idsTold()).toEqual(["a:e:1", "a:e:2"]);
});

test("while nobody is there everything waits, and goes in order once somebody is", async () => {
  const port = portOf();
  await new Promise((resolve) => server.close(resolve));
  for (let seq = 1; seq <= 20; seq++) await appendTo(store, `b${seq % 2}`, seq);
  const url = `http://127.0.0.1:${port}/`;
  const one = await begin({ url });
  await until(() => expect(one.view()).toMatchObject({ behind: 20, state: "away" }));
  expect(one.view().fault).toContain("ECONNREFUSED");
  await listen(port);
  await until(() => expect(one.view()).toMatchObject({ behind: 0, sent: 20 }));
  const seqs = told.map(({ body }) => JSON.parse(body).seq as number);
  for (const rest of [0, 1]) {
    const own = seqs.filter((seq) => seq % 2 === rest);
    expect(own).toEqual([...own].sort((a, b) => a - b));
  }
  expect(new Set(seqs).size).toBe(20);
});

test("only boards and types that it is configured for", async () => {
  await appendTo(store, "a", 1, { ot: "l:temp" });
  await appendTo(store, "a", 2, { ot: "l:button" });
  await appendTo(store, "b", 1, { ot: "l:temp" });
  const one = await begin({ devices: ["a"], types: ["l:t*"] });
  await until(() => expect(one.view()).toMatchObject({ behind: 0, sent: 1 }));
});

test("a secret that others may read is refused with its mend", async () => {
  const secret = join(folder(), "secret");
  writeFileSync(secret, "s", { mode: 0o644 });
  await expect(begin({ secretFile: secret })).rejects.toMatchObject({
    code: "KEY_EXPOSED",
    mend: `chmod 600 ${secret}`,
  });
});
