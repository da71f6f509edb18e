/** All sorts of our sockets with the real libzmq, both ways. */
import { afterEach, expect, test } from "vitest";
import * as zmq from "zeromq";
import { until } from "../platform/testing/until.ts";
import type { ZmtpFault } from "./fault.ts";
import { PubServer } from "./pub-server.ts";
import { PullClient } from "./pull-client.ts";
import { PullServer } from "./pull-server.ts";
import { PushClient } from "./push-client.ts";
import { PushServer } from "./push-server.ts";
import { SubClient } from "./sub-client.ts";

type Stoppable = { stop(lingerMs: number): Promise<unknown> };
const ours: Stoppable[] = [];
const theirs: zmq.Socket[] = [];

afterEach(async () => {
  for (const socket of theirs.splice(0)) socket.close();
  await Promise.all(ours.splice(0).map((one) => one.stop(0)));
});

const here = { host: "127.0.0.1", port: 0, setting: "monique.test" };

function kept<T extends Stoppable>(one: T): T {
  ours.push(one);
  return one;
}

function other<T extends zmq.Socket>(socket: T): T {
  socket.linger = 0;
  theirs.push(socket);
  return socket;
}

class Mailbox {
  readonly messages: string[] = [];
  readonly faults: string[] = [];
  readonly onMessage = (...args: unknown[]): void => {
    const parts = args.at(-1) as readonly Uint8Array[];
    this.messages.push(parts.map((part) => Buffer.from(part).toString("utf8")).join("|"));
  };
  readonly onFault = (fault: ZmtpFault): void => {
    this.faults.push(fault.text);
  };
}

async function bound(socket: zmq.Socket): Promise<number> {
  await socket.bind("tcp://127.0.0.1:*");
  return Number(socket.lastEndpoint!.split(":").at(-1));
}

const at = (port: number) => `tcp://127.0.0.1:${port}`;
const bytes = (...parts: string[]) => parts.map((part) => Buffer.from(part));

test("libzmq PUSH to our PULL", async () => {
  const box = new Mailbox();
  const server = kept(new PullServer({ ...here, ...box }));
  const { port } = await server.start();
  const push = other(new zmq.Push());
  push.connect(at(port));
  for (let i = 0; i < 1000; i++) await push.send([`tag ${i}`, `body ${i}`]);
  await until(() => box.messages.length === 1000);
  expect(box.messages).toEqual(Array.from({ length: 1000 }, (_, i) => `tag ${i}|body ${i}`));
  expect(server.peers()).toHaveLength(1);
  expect(server.peers()[0]).toMatchObject({ isLoopback: true, names: [] });
  expect(box.faults).toEqual([]);
});

test("our PUSH to libzmq PULL", async () => {
  const pull = other(new zmq.Pull());
  const port = await bound(pull);
  const client = kept(new PushClient({ host: "127.0.0.1", port }));
  client.start();
  for (let i = 0; i < 1000; i++) expect(client.send(bytes(`tag ${i}`, `body ${i}`))).toBe(true);
  for (let i = 0; i < 1000; i++)
    expect((await pull.receive()).map(String)).toEqual([`tag ${i}`, `body ${i}`]);
});

test("our PUB to libzmq SUB, by topics that come and go", async () => {
  const box = new Mailbox();
  const server = kept(new PubServer({ ...here, ...box }));
  const { port } = await server.start();
  const sub = other(new zmq.Subscriber());
  sub.connect(at(port));
  sub.subscribe("a:", "b:");
  await until(() => server.subscribers(Buffer.from("b:1")).length === 1);
  expect(server.publish(bytes("a:1", "x"))).toBe(1);
  expect(server.publish(bytes("c:1", "x"))).toBe(0);
  expect((await sub.receive()).map(String)).toEqual(["a:1", "x"]);
  sub.unsubscribe("a:");
  await until(() => server.subscribers(Buffer.from("a:1")).length === 0);
  expect(server.topics(server.peers()[0])).toEqual(["b:"]);
});

test("libzmq PUB to our SUB, by topics that come and go", async () => {
  const box = new Mailbox();
  const pub = other(new zmq.XPublisher());
  const port = await bound(pub);
  const client = kept(new SubClient({ host: "127.0.0.1", port, ...box }));
  client.subscribe("a:");
  client.start();
  expect((await pub.receive()).map(String)).toEqual(["\u0001a:"]);
  client.subscribe("b:");
  expect((await pub.receive()).map(String)).toEqual(["\u0001b:"]);
  await pub.send(["a:1", "x"]);
  await pub.send(["c:1", "x"]);
  await pub.send(["b:1", "y"]);
  await until(() => box.messages.length === 2);
  expect(box.messages).toEqual(["a:1|x", "b:1|y"]);
  client.unsubscribe("a:");
  expect((await pub.receive()).map(String)).toEqual(["\u0000a:"]);
});

test("our PUSH server to libzmq PULL, to each what is meant for it", async () => {
  const box = new Mailbox();
  const server = kept(new PushServer({ ...here, ...box }));
  const { port } = await server.start();
  const first = other(new zmq.Pull());
  first.connect(at(port));
  await until(() => server.peers().length === 1);
  const second = other(new zmq.Pull());
  second.connect(at(port));
  await until(() => server.peers().length === 2);
  const [one, two] = server.peers();
  for (let i = 0; i < 3; i++) {
    expect(server.send(one, bytes(`one ${i}`))).toBe(true);
    expect(server.send(two, bytes(`two ${i}`))).toBe(true);
  }
  for (let i = 0; i < 3; i++) {
    expect(String(await first.receive())).toBe(`one ${i}`);
    expect(String(await second.receive())).toBe(`two ${i}`);
  }
});

test("libzmq PUSH, which listens, to our PULL", async () => {
  const box = new Mailbox();
  const push = other(new zmq.Push());
  const port = await bound(push);
  const client = kept(new PullClient({ host: "127.0.0.1", port, ...box }));
  client.start();
  for (let i = 0; i < 100; i++) await push.send([`task ${i}`]);
  await until(() => box.messages.length === 100);
  expect(box.messages[99]).toBe("task 99");
});

test("bodies of 1 MiB and of nothing pass whole, both ways", async () => {
  const bodies = [1 << 20, 0, 255, 256, 70_000, 1 << 20].map((size, i) => Buffer.alloc(size, i + 1));
  const got: Buffer[][] = [];
  const server = kept(
    new PullServer({
      ...here,
      onFault() {},
      onMessage: (_, parts) => void got.push(parts.map((part) => Buffer.from(part))),
    }),
  );
  const push = other(new zmq.Push());
  push.connect(at((await server.start()).port));
  for (const body of bodies) await push.send(["tag", body]);
  await until(() => got.length === bodies.length);
  const pull = other(new zmq.Pull());
  const client = kept(new PushClient({ host: "127.0.0.1", port: await bound(pull) }));
  client.start();
  for (const [i, body] of bodies.entries()) {
    expect(got[i][1].equals(body)).toBe(true);
    expect(client.send([Buffer.from("tag"), body])).toBe(true);
  }
  for (const body of bodies) expect((await pull.receive())[1].equals(body)).toBe(true);
});

test("several thousand messages go through a PULL and a PUB of ours to two subscribers, each once and in order", async () => {
  const box = new Mailbox();
  const pub = kept(new PubServer({ ...here, ...box }));
  const pull = kept(new PullServer({ ...here, ...box, onMessage: (_, parts) => void pub.publish(parts) }));
  const [{ port: out }, { port: into }] = [await pub.start(), await pull.start()];
  const subs = ["", "tag"].map((topic) => {
    const sub = other(new zmq.Subscriber({ receiveHighWaterMark: 0 }));
    sub.connect(at(out));
    sub.subscribe(topic);
    return sub;
  });
  await until(() => pub.subscribers(Buffer.from("tag")).length === 2);
  const push = other(new zmq.Push());
  push.connect(at(into));
  const count = 5000;
  const body = Buffer.alloc(300, 7);
  const received = subs.map(async (sub) => {
    for (let i = 0; i < count; i++) {
      const [tag, same] = await sub.receive();
      if (String(tag) !== `tag ${i}` || !same.equals(body)) throw new Error(`${i}: ${tag}`);
    }
  });
  for (let i = 0; i < count; i++) await push.send([`tag ${i}`, body]);
  await Promise.all(received);
  expect(pub.counts).toMatchObject({ messagesOut: 2 * count, dropped: 0, faults: 0 });
});

test("libzmq comes back after our restart, with its subscriptions", async () => {
  const box = new Mailbox();
  const first = kept(new PubServer({ ...here, ...box }));
  const { port } = await first.start();
  const sub = other(new zmq.Subscriber({ reconnectInterval: 10 }));
  sub.connect(at(port));
  sub.subscribe("a:");
  await until(() => first.subscribers(Buffer.from("a:")).length === 1);
  const received = sub.receive(); // a libzmq that nobody asks anything subscribes to nothing again
  await first.stop();
  const second = kept(new PubServer({ ...here, ...box, port }));
  await second.start();
  await until(() => second.subscribers(Buffer.from("a:")).length === 1);
  second.publish(bytes("a:2"));
  expect(String(await received)).toBe("a:2");
});

test("a libzmq that sends PING is answered, and answers ours", async () => {
  const box = new Mailbox();
  const server = kept(new PubServer({ ...here, ...box }));
  const { port } = await server.start();
  const sub = other(new zmq.Subscriber({ heartbeatInterval: 20, heartbeatTimeout: 100 }));
  sub.connect(at(port));
  sub.subscribe("");
  const pub = other(new zmq.XPublisher());
  const states: boolean[] = [];
  const client = kept(
    new SubClient({
      host: "127.0.0.1",
      port: await bound(pub),
      ...box,
      heartbeatMs: 200,
      onState: (is) => states.push(is),
    }),
  );
  client.start();
  await until(() => server.peers().length === 1);
  const [{ key }] = server.peers();
  // Beyond the time after which libzmq gives up who does not answer.
  const end = performance.now() + 500;
  await until(() => performance.now() > end);
  expect(server.peers().map((peer) => peer.key)).toEqual([key]);
  expect([states, box.faults]).toEqual([[true], []]);
});

test("other sorts of socket are refused in words", async () => {
  const box = new Mailbox();
  const server = kept(new PullServer({ ...here, ...box }));
  const { port } = await server.start();
  for (const socket of [new zmq.Dealer(), new zmq.Publisher()]) other(socket).connect(at(port));
  const expected = ["DEALER", "PUB"].map((sort) => `reading READY: a "${sort}" socket; allowed are PUSH`);
  await until(() => expected.every((text) => box.faults.includes(text)));
  expect(server.peers()).toEqual([]);
});
