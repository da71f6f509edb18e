/** Our clients and our servers over real sockets: connecting again, what is kept, pauses, limits, TLS. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { freePort } from "../testing/free-port.ts";
import { readClientTls, readTls } from "../transports/tls-files.ts";
import { encodeCommand, encodeReady } from "./encoder.ts";
import { greeting } from "./greeting.ts";
import { PubServer } from "./pub-server.ts";
import { PullClient } from "./pull-client.ts";
import { PullServer } from "./pull-server.ts";
import { PushClient } from "./push-client.ts";
import { PushServer } from "./push-server.ts";
import { SubClient } from "./sub-client.ts";

type Stoppable = { stop(lingerMs: number): Promise<unknown> };
const started: Stoppable[] = [];
const plain: { server: Server; sockets: Socket[] }[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop(0)));
  for (const { server, sockets } of plain.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

function kept<T extends Stoppable>(one: T): T {
  started.push(one);
  return one;
}

const here = { host: "127.0.0.1", port: 0, setting: "monique.test", onFault() {} };
const bytes = (...parts: string[]) => parts.map((part) => Buffer.from(part));

class Box {
  readonly messages: string[] = [];
  readonly states: [boolean, string][] = [];
  readonly faults: string[] = [];
  readonly onMessage = (...args: unknown[]) => {
    const parts = args.at(-1) as readonly Uint8Array[];
    this.messages.push(parts.map((part) => Buffer.from(part).toString("utf8")).join("|"));
  };
  readonly client = {
    host: "127.0.0.1",
    onMessage: this.onMessage,
    onState: (isConnected: boolean, why: string) => void this.states.push([isConnected, why]),
    onFault: ({ code }: { code: string }) => void this.faults.push(code),
  };
}

/** A port at which every connection is said these bytes, and `answer` says what to what came. */
async function mute(says: Uint8Array, answer: (socket: Socket, chunk: Buffer) => void = () => {}) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => {}).on("data", (chunk) => answer(socket, chunk)));
    socket.write(says);
  });
  plain.push({ server, sockets });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as { port: number }).port, sockets };
}

test("what is sent before there is a server arrives when there is one, and again after it was started anew", async () => {
  const port = await freePort();
  const box = new Box();
  const client = kept(new PushClient({ ...box.client, port }));
  client.start();
  expect([client.send(bytes("a")), client.send(bytes("b"))]).toEqual([true, true]);
  await until(() => box.states.length === 1);
  expect(box.states[0]).toEqual([false, expect.stringContaining("ECONNREFUSED")]);
  expect([client.waiting, client.isConnected]).toEqual([2, false]);
  const first = kept(new PullServer({ ...here, port, onMessage: box.onMessage }));
  await first.start();
  await until(() => box.messages.length === 2);
  await first.stop();
  await until(() => !client.isConnected);
  client.send(bytes("c"));
  const second = kept(new PullServer({ ...here, port, onMessage: box.onMessage }));
  await second.start();
  await until(() => box.messages.length === 3);
  expect(box.messages).toEqual(["a", "b", "c"]);
  expect(box.states.map(([isConnected]) => isConnected)).toEqual([false, true, false, true]);
});

test("what is sent at the word that there is a connection goes behind what waited", async () => {
  const box = new Box();
  const server = kept(new PullServer({ ...here, onMessage: box.onMessage }));
  const { port } = await server.start();
  const client = kept(
    new PushClient({ host: "127.0.0.1", port, onState: () => void client.send(bytes("c")) }),
  );
  for (const text of ["a", "b"]) client.send(bytes(text));
  client.start();
  await until(() => box.messages.length === 3);
  expect(box.messages).toEqual(["a", "b", "c"]);
});

test("above its marks a client without a server takes no more, and says so", async () => {
  const client = kept(
    new PushClient({ host: "127.0.0.1", port: await freePort(), limits: { pendingMessages: 2 } }),
  );
  client.start();
  expect(["a", "b", "c"].map((text) => client.send(bytes(text)))).toEqual([true, true, false]);
  expect(await client.stop(0)).toBe(2);
});

test("stop() lets what waits leave, and says how many messages did not", async () => {
  const port = await freePort();
  const box = new Box();
  const client = kept(new PushClient({ ...box.client, port }));
  client.start();
  for (let i = 0; i < 1000; i++) client.send(bytes("x".repeat(1000)));
  const stopped = client.stop(60_000);
  const server = kept(new PullServer({ ...here, port, onMessage: box.onMessage }));
  await server.start();
  expect(await stopped).toBe(0);
  await until(() => box.messages.length === 1000);
});

test("whenSent() resolves once nothing waits, and when the client stops", async () => {
  const box = new Box();
  const server = kept(new PullServer({ ...here, onMessage: box.onMessage }));
  const { port } = await server.start();
  const client = kept(new PushClient({ ...box.client, port }));
  await client.whenSent();
  client.send(bytes("a"));
  let isSent = false;
  const sent = client.whenSent().then(() => {
    isSent = true;
  });
  await Promise.resolve();
  expect(isSent).toBe(false);
  client.start();
  await sent;
  await client.stop(0);
  client.send(bytes("b"));
  const never = client.whenSent();
  client.start();
  await Promise.all([client.stop(0), never]);
});

test("a subscriber asks again on each connection, for what it asks for by then", async () => {
  const port = await freePort();
  const box = new Box();
  const client = kept(new SubClient({ ...box.client, port }));
  for (const topic of ["a:", "b:", "b:", "c:"]) client.subscribe(topic);
  client.start();
  const first = kept(new PubServer({ ...here, port }));
  await first.start();
  await until(() => first.subscribers(Buffer.from("c:")).length === 1);
  expect(first.topics(first.peers()[0])).toEqual(["a:", "b:", "c:"]);
  client.unsubscribe("b:");
  client.unsubscribe("c:");
  client.unsubscribe("nothing");
  await until(() => first.topics(first.peers()[0]).length === 2);
  await first.stop();
  const second = kept(new PubServer({ ...here, port }));
  await second.start();
  await until(() => second.peers().length === 1 && second.topics(second.peers()[0]).length === 2);
  expect(second.topics(second.peers()[0])).toEqual(["a:", "b:"]);
  second.publish(bytes("b:1", "x"));
  await until(() => box.messages.length === 1);
  expect(box.messages).toEqual(["b:1|x"]);
});

test("a pull server that pauses reads nobody, old or new, and then misses nothing", async () => {
  const box = new Box();
  const server = kept(new PullServer({ ...here, onMessage: box.onMessage }));
  const { port } = await server.start();
  const clients = [1, 2].map(() => kept(new PushClient({ ...box.client, port })));
  clients[0].start();
  await until(() => server.peers().length === 1);
  server.pause();
  clients[1].start();
  await until(() => server.peers().length === 2);
  for (const client of clients) for (let i = 0; i < 100; i++) client.send(bytes(`${i}`));
  await clients[0].whenSent();
  await new Promise((resolve) => setImmediate(resolve));
  expect(box.messages).toEqual([]);
  server.resume();
  await until(() => box.messages.length === 200);
  expect(box.messages.filter((one) => one === "99")).toHaveLength(2);
});

test("a producer whose server does not read is held up by its marks, and loses nothing that it was let send", async () => {
  const box = new Box();
  const server = kept(new PullServer({ ...here, onMessage: box.onMessage }));
  const { port } = await server.start();
  server.pause();
  const client = kept(new PushClient({ ...box.client, port, limits: { pendingMessages: 10 } }));
  client.start();
  await until(() => server.peers().length === 1);
  const body = "x".repeat(100_000);
  let sent = 0;
  // The kernel takes some megabytes before it takes no more.
  while (client.send(bytes(`${sent}`, body))) {
    sent++;
    if (client.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(10_000);
  }
  expect(client.waiting).toBe(10);
  server.resume();
  await until(() => box.messages.length === sent);
  expect(box.messages.map((one) => Number(one.split("|")[0]))).toEqual(
    Array.from({ length: sent }, (_, i) => i),
  );
  expect(client.send(bytes("more"))).toBe(true);
});

test("a worker that pauses is given nothing more, also on its next connection", async () => {
  const box = new Box();
  const port = await freePort();
  const first = kept(new PushServer({ ...here, port }));
  await first.start();
  const client = kept(new PullClient({ ...box.client, port }));
  client.start();
  await until(() => first.peers().length === 1);
  client.pause();
  await first.stop();
  const second = kept(new PushServer({ ...here, port }));
  await second.start();
  await until(() => second.peers().length === 1);
  expect(second.send(second.peers()[0], bytes("task"))).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(box.messages).toEqual([]);
  client.resume();
  await until(() => box.messages.length === 1);
});

test("above its number of connections a server takes nobody, until one has gone", async () => {
  const box = new Box();
  const server = kept(new PullServer({ ...here, limits: { connections: 2 }, onMessage: box.onMessage }));
  const { port } = await server.start();
  const clients = [1, 2, 3].map(() => kept(new PushClient({ ...box.client, port })));
  for (const client of clients.slice(0, 2)) client.start();
  await until(() => server.peers().length === 2);
  clients[2].send(bytes("late"));
  clients[2].start();
  await until(() => server.counts.refused > 0);
  expect(server.peers()).toHaveLength(2);
  await clients[0].stop(0);
  await until(() => box.messages.length === 1);
});

test("a server that is none of ours is left, told of, and tried again", async () => {
  const box = new Box();
  const { port, sockets } = await mute(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const client = kept(new PushClient({ ...box.client, port }));
  client.start();
  await until(() => sockets.length >= 2);
  expect(box.faults[0]).toBe("BAD_GREETING");
  expect(box.states).toEqual([[false, expect.stringContaining("reading a greeting: 485454502f312e312034")]]);
});

test("a publisher that says nothing any more, not even PONG, is left for a new connection", async () => {
  const box = new Box();
  const { port, sockets } = await mute(Buffer.concat([greeting, encodeReady("PUB")]));
  const client = kept(new SubClient({ ...box.client, port, heartbeatMs: 20 }));
  client.start();
  await until(() => sockets.length >= 2);
  expect(box.faults[0]).toBe("SILENT");
  expect(box.states.slice(0, 2)).toEqual([
    [true, ""],
    [false, "waiting for PONG: nothing within 20 ms"],
  ]);
});

test("a publisher that answers PING is kept, however little it publishes", async () => {
  const box = new Box();
  let pings = 0;
  const { port, sockets } = await mute(Buffer.concat([greeting, encodeReady("PUB")]), (socket, chunk) => {
    if (!chunk.includes("PING")) return;
    pings++;
    socket.write(encodeCommand("PONG", Buffer.alloc(0)));
  });
  const client = kept(new SubClient({ ...box.client, port, heartbeatMs: 200 }));
  client.start();
  await until(() => pings >= 4);
  expect([sockets.length, box.faults, client.isConnected]).toEqual([1, [], true]);
});

test("a port that is held is an error that names the setting", async () => {
  const server = kept(new PullServer({ ...here, onMessage() {} }));
  const { port } = await server.start();
  const second = new PullServer({ ...here, port, onMessage() {} });
  await expect(second.start()).rejects.toMatchObject({
    code: "PORT_BUSY",
    message: expect.stringContaining("monique.test"),
  });
});

test.skipIf(!isOpensslAvailable)("with TLS a server knows the names that a certificate proves", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-zmtp-"));
  try {
    const authority = new Authority(folder, "authority");
    const [hub, ann] = [authority.sign("hub"), authority.sign("ann")];
    const box = new Box();
    const tls = readTls({ ...hub, ca: authority.cert }, "monique.hub.tls");
    const server = kept(new PullServer({ ...here, tls, onMessage: box.onMessage }));
    const { port } = await server.start();
    const own = readClientTls({ ...ann, ca: authority.cert }, "tls");
    const client = kept(new PushClient({ ...box.client, port, tls: { ...own, names: ["hub"] } }));
    client.start();
    for (let i = 0; i < 2000; i++) client.send(bytes(`${i}`, "x".repeat(1000)));
    await until(() => box.messages.length === 2000);
    expect(server.peers()[0].names).toEqual(["ann"]);
    const stranger = new Box();
    const other = kept(new PushClient({ ...stranger.client, port, tls: { ...own, names: ["another"] } }));
    other.start();
    await until(() => stranger.states.length === 1);
    expect(stranger.states[0][0]).toBe(false);
    expect(server.peers()).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
