/** Servers at connections in memory: what is said byte for byte, limits, marks, and what goes to whom. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { encodeCommand, encodeMessage } from "./encoder.ts";
import type { ZmtpFault } from "./fault.ts";
import type { ZmtpPeer } from "./peer.ts";
import { PubServer } from "./pub-server.ts";
import { PullServer } from "./pull-server.ts";
import { PushServer } from "./push-server.ts";
import { greetingHex, Wire } from "./testing/wire.ts";

beforeEach(
  () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate"] }),
);
afterEach(() => void vi.useRealTimers());

const text = (words: string) => Buffer.from(words, "latin1");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const message = (...parts: string[]) => encodeMessage(parts.map(text));
const turn = () => void vi.runOnlyPendingTimers();

class Told {
  readonly lines: string[] = [];
  readonly peers: ZmtpPeer[] = [];
  readonly options = {
    ...{ host: "127.0.0.1", port: 0, setting: "monique.test" },
    onPeer: (peer: ZmtpPeer) => {
      this.peers.push(peer);
      this.lines.push("peer");
    },
    onGone: () => void this.lines.push("gone"),
    onFault: ({ code }: ZmtpFault) => void this.lines.push(code),
    onMessage: (_: ZmtpPeer, parts: readonly Uint8Array[]) =>
      void this.lines.push(parts.map((part) => Buffer.from(part).toString("latin1")).join("|")),
    onSubscribe: (_: ZmtpPeer, topic: string, isFirst: boolean) =>
      void this.lines.push(`+${topic} ${isFirst}`),
  };
}

const readyOf = (type: string) =>
  hex(
    encodeCommand(
      "READY",
      Buffer.concat([text(`\x0bSocket-Type`), Buffer.of(0, 0, 0, type.length), text(type)]),
    ),
  );

test("a server greets before it is greeted, and says READY once it was", async () => {
  const told = new Told();
  const wire = new Wire((transport) => new PubServer(told.options).accept(transport));
  expect(await wire.hear()).toBe(greetingHex);
  expect(await wire.say(Buffer.from(greetingHex, "hex").subarray(0, 10))).toBe("");
  expect(await wire.say(Buffer.from(greetingHex, "hex").subarray(10))).toBe(readyOf("PUB"));
  expect(told.lines).toEqual([]);
  await wire.say(Buffer.from(readyOf("SUB"), "hex"));
  expect(told.lines).toEqual(["peer"]);
  expect(told.peers[0]).toMatchObject({ address: "memory a", isLoopback: true, names: [] });
  wire.cut();
  expect(told.lines).toEqual(["peer", "gone"]);
});

test.each([
  ["PULL", ["PUSH"], ["PULL", "SUB", "DEALER", "REQ", ""]],
  ["PUB", ["SUB", "XSUB"], ["PUSH", "PUB", "XPUB"]],
  ["PUSH", ["PULL"], ["PUSH", "SUB", "ROUTER"]],
])("a %s socket speaks with %s, and with no %s", async (sort, good, bad) => {
  for (const socketType of [...good, ...bad]) {
    const told = new Told();
    const server = { PULL: PullServer, PUB: PubServer, PUSH: PushServer }[sort]!;
    const wire = new Wire((transport) => new server(told.options).accept(transport));
    await wire.greet(socketType);
    turn();
    await wire.hear();
    expect(told.lines, socketType).toEqual(good.includes(socketType) ? ["peer"] : ["BAD_SOCKET"]);
    expect(wire.end, socketType).toBe(good.includes(socketType) ? "" : "closed by the other end");
  }
});

test("what a READY tells is known, under names in lower case", async () => {
  const told = new Told();
  const wire = new Wire((transport) => new PubServer(told.options).accept(transport));
  await wire.greet("SUB", { "X-Thing": "1" });
  expect(hex(told.peers[0].properties.get("x-thing")!)).toBe("31");
});

test.each<[string, Uint8Array, string]>([
  ["a message before READY", message("x"), "BAD_FRAME"],
  ["another command before READY", encodeCommand("PING", text("\0\0")), "BAD_COMMAND"],
  ["a READY that is none", encodeCommand("READY", text("\x05a")), "BAD_COMMAND"],
  ["a refusal", encodeCommand("ERROR", text("\x02no")), "REFUSED"],
])("%s ends the connection", async (_, bytes, code) => {
  const told = new Told();
  const wire = new Wire((transport) => new PubServer(told.options).accept(transport));
  await wire.say(Buffer.concat([Buffer.from(greetingHex, "hex"), bytes]));
  expect(told.lines).toEqual([code]);
  expect(wire.end).toBe("closed by the other end");
});

test("who has not said READY in time is disconnected, who has is not", async () => {
  const told = new Told();
  const server = new PubServer(told.options);
  const [slow, quick] = [new Wire((t) => server.accept(t)), new Wire((t) => server.accept(t))];
  await slow.say(Buffer.from(greetingHex, "hex"));
  await quick.greet("SUB");
  vi.advanceTimersByTime(4999);
  expect(told.lines).toEqual(["peer"]);
  vi.advanceTimersByTime(1);
  await slow.hear();
  expect(told.lines).toEqual(["peer", "HANDSHAKE_TIMEOUT"]);
  expect([slow.end, quick.end]).toEqual(["closed by the other end", ""]);
});

test("PING is answered with its context; commands nobody knows are passed over", async () => {
  const wire = new Wire((transport) => new PubServer(new Told().options).accept(transport));
  await wire.greet("SUB");
  expect(await wire.say(encodeCommand("PING", text("\0\x0aabc")))).toBe(
    hex(encodeCommand("PONG", text("abc"))),
  );
  expect(await wire.say(encodeCommand("NEWS", text("abc")))).toBe("");
  expect(wire.end).toBe("");
});

test("subscriptions come as messages and as commands, and are cancelled either way", async () => {
  const told = new Told();
  const server = new PubServer(told.options);
  const wire = new Wire((transport) => server.accept(transport));
  await wire.greet("SUB");
  await wire.say(Buffer.concat([message("\x01a"), encodeCommand("SUBSCRIBE", text("a")), message("\x01b")]));
  expect(told.lines).toEqual(["peer", "+a true", "+a false", "+b true"]);
  await wire.say(encodeCommand("CANCEL", text("a")));
  expect(server.topics(told.peers[0])).toEqual(["a", "b"]);
  await wire.say(message("\x00a"));
  expect(server.topics(told.peers[0])).toEqual(["b"]);
  expect([server.publish([text("a1")]), server.publish([text("b1")])]).toEqual([0, 1]);
  expect(await wire.hear()).toBe(hex(message("b1")));
});

test.each([message("x"), message("\x01a", "b"), message("")])(
  "what is no subscription ends a subscriber",
  async (bytes) => {
    const told = new Told();
    const server = new PubServer(told.options);
    const wire = new Wire((transport) => server.accept(transport));
    await wire.greet("SUB");
    await wire.say(Buffer.concat([message("\x01"), bytes, message("\x01z")]));
    expect(told.lines).toEqual(["peer", "+ true", "UNEXPECTED_MESSAGE", "gone"]);
    expect(server.publish([text("x")])).toBe(0);
  },
);

test("a worker that sends a message is no worker", async () => {
  const told = new Told();
  const wire = new Wire((transport) => new PushServer(told.options).accept(transport));
  await wire.greet("PULL");
  await wire.say(message("x"));
  expect(told.lines).toEqual(["peer", "UNEXPECTED_MESSAGE", "gone"]);
});

test("to a subscriber that stands still so much is kept, and the rest is dropped and counted; then it gets what was kept", async () => {
  const told = new Told();
  const server = new PubServer({ ...told.options, limits: { pendingMessages: 3 } });
  const wire = new Wire((transport) => server.accept(transport), 100);
  await wire.greet("SUB");
  await wire.say(message("\x01"));
  expect(server.publish([text("a".repeat(150))])).toBe(1);
  await Promise.resolve(); // written, and the transport wants a pause
  for (const [i, went] of [1, 1, 1, 0, 0].entries())
    expect(server.publish([text(`b${i}`)]), `${i}`).toBe(went);
  expect(server.counts).toMatchObject({ messagesOut: 4, dropped: 2 });
  expect(await wire.hear()).toBe(
    hex(Buffer.concat([message("a".repeat(150)), message("b0"), message("b1"), message("b2")])),
  );
  expect(server.publish([text("c")])).toBe(1);
  expect(await wire.hear()).toBe(hex(message("c")));
});

test("when too much waits for all together, the one for whom most waits is disconnected, and the others lose nothing", async () => {
  const told = new Told();
  const server = new PubServer({ ...told.options, limits: { allPendingBytes: 500 } });
  const [slow, slower] = [new Wire((t) => server.accept(t), 100), new Wire((t) => server.accept(t), 100)];
  for (const [wire, topic] of [
    [slow, "\x01a"],
    [slower, "\x01"],
  ] as const) {
    await wire.greet("SUB");
    await wire.say(message(topic));
  }
  expect(server.publish([text("a".repeat(150))])).toBe(2);
  await Promise.resolve(); // written, and both transports want a pause
  expect(server.publish([text("b".repeat(148))])).toBe(1);
  expect(server.publish([text("a".repeat(148))])).toBe(2); // 150 bytes and 300 bytes wait
  expect(server.publish([text("a!")])).toBe(2);
  expect(told.lines).not.toContain("STANDS_STILL");
  expect(server.publish([text(`a${"2".repeat(60)}`)])).toBe(1); // no room for it twice
  expect(told.lines.at(-1)).toBe("STANDS_STILL");
  expect(server.peers()).toHaveLength(1);
  expect(server.publish([text(`a${"3".repeat(240)}`)])).toBe(1); // what it had waits no more
  const expected = ["a".repeat(150), "a".repeat(148), "a!", `a${"2".repeat(60)}`, `a${"3".repeat(240)}`];
  expect(await slow.hear()).toBe(hex(Buffer.concat(expected.map((one) => message(one)))));
  await slower.hear();
  expect([slow.end, slower.end]).toEqual(["", "closed by the other end"]);
});

test("what is published in one turn leaves in one write, in its order, large and small", async () => {
  const server = new PubServer(new Told().options);
  const wire = new Wire((transport) => server.accept(transport), 10_000_000);
  await wire.greet("SUB");
  await wire.say(message("\x01"));
  const sizes = [10, 70_000, 300, 65_000, 1000, 1];
  const sent = sizes.map((size, i) => Buffer.alloc(size, i));
  for (const one of sent) {
    expect(server.publish([one])).toBe(1);
    one.fill(0xee); // it was copied
  }
  const expected = sizes.map((size, i) => encodeMessage([Buffer.alloc(size, i)]));
  expect(await wire.hear()).toBe(hex(Buffer.concat(expected)));
});

test("PushServer.send() says false to one that is gone, and to one above its mark", async () => {
  const told = new Told();
  const server = new PushServer({ ...told.options, limits: { pendingMessages: 1 } });
  const wire = new Wire((transport) => server.accept(transport), 10);
  await wire.greet("PULL");
  const [peer] = told.peers;
  expect(server.send(peer, [text("a task for you")])).toBe(true);
  await Promise.resolve();
  expect([server.send(peer, [text("b")]), server.send(peer, [text("c")])]).toEqual([true, false]);
  wire.cut();
  expect(server.send(peer, [text("d")])).toBe(false);
  expect(server.counts).toMatchObject({ messagesOut: 2, dropped: 2 });
});

test("a subscription counts before a message that came in the same turn, on whichever connection came first", async () => {
  const told = new Told();
  const pub = new PubServer(told.options);
  const got: number[] = [];
  const pull = new PullServer({
    ...told.options,
    onMessage: (_, parts) => void got.push(pub.publish(parts)),
  });
  const [producer, reader] = [new Wire((t) => pull.accept(t)), new Wire((t) => pub.accept(t))];
  await reader.greet("SUB");
  await producer.greet("PUSH");
  turn();
  await producer.hear();
  await producer.say(message("config:a"));
  await reader.say(message("\x01config:"));
  expect(got).toEqual([]);
  turn();
  expect(got).toEqual([1]);
});

test("messages that came with READY wait for the end of the turn like any others", async () => {
  const told = new Told();
  const pull = new PullServer(told.options);
  const wire = new Wire((transport) => pull.accept(transport));
  const ready = Buffer.from(readyOf("PUSH"), "hex");
  await wire.say(Buffer.concat([Buffer.from(greetingHex, "hex"), ready, message("a"), message("b")]));
  expect(told.lines).toEqual(["peer"]);
  turn();
  expect(told.lines).toEqual(["peer", "a", "b"]);
});

test("what a producer said last is read before it is gone", async () => {
  const told = new Told();
  const pull = new PullServer(told.options);
  const wire = new Wire((transport) => pull.accept(transport));
  await wire.greet("PUSH");
  turn();
  await wire.say(message("last", "words"));
  wire.cut();
  expect(told.lines).toEqual(["peer", "last|words", "gone"]);
});

test("close() ends a peer in words of ours", async () => {
  const told = new Told();
  const server = new PubServer(told.options);
  const wire = new Wire((transport) => server.accept(transport));
  await wire.greet("SUB");
  await wire.say(message("\x01"));
  told.peers[0].close("enough");
  expect(server.peers()).toEqual([]);
  expect(server.publish([text("x")])).toBe(0);
  expect(server.counts.dropped).toBe(0);
  await wire.hear();
  expect([told.lines, wire.end]).toEqual([["peer", "+ true", "gone"], "closed by the other end"]);
});
