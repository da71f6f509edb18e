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
