import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";
import { createLink } from "../shared/link/link.ts";
import { receiveChunk, openLink, tickLink } from "../shared/link/receive-frame.ts";
import { flushLink, sendBytes, sendRepl } from "../shared/link/send-frame.ts";
import { nodeEngine } from "./platform/engine.ts";
import { Side, hexOf, bytesOf } from "../shared/testing/side.ts";
import { attachSession, connectSession, detachSession, bindSendBuffer } from "../shared/session/lifecycle.ts";
import { appendPacket } from "../shared/session/send-buffer.ts";
import { pump } from "../shared/session/pump.ts";
import { MemoryStore } from "./store/memory-store.ts";
import { decodeVarint, varintLength } from "../shared/varint.ts";

const toStop: (() => unknown)[] = [];
afterEach(async () => { for (const stop of toStop.splice(0).reverse()) await stop(); });
async function gatewayFor(...set: string[]) { const gw = await startGateway(set); toStop.push(() => gw.stop()); return gw; }
async function dial(gw: TestGateway): Promise<Socket> {
  const socket = connect(gw.tcpPort, "127.0.0.1");
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.on("error", () => {});
  toStop.push(() => socket.destroy());
  return socket;
}
const pause = (ms: number) => new Promise((r) => setTimeout(r, ms));
const hello = (h: object) => { const p = Buffer.from(JSON.stringify({ hello: { id: "b-1", epoch: "", seq: 1, rx: 65536, max: 16000, ...h } }));
  const head = p.length <= 240 ? [p.length] : [241 + ((p.length - 240) >> 8), (p.length - 240) & 255]; return Buffer.concat([Buffer.from(head), p]); };
function packetsOf(b: Buffer) { const out: Buffer[] = []; let at = 0; while (at < b.length) { const n = decodeVarint(b, at, b.length); const l = varintLength(b[at]); if (n < 0) break; if (n === 0) { at += l + 1; continue; } if (at + l + n > b.length) break; out.push(b.subarray(at, at + l + n)); at += l + n; } return out; }

test("A: window on a resumed TCP connection stays the board's rx", async () => {
  const gw = await gatewayFor();
  const s1 = await dial(gw);
  let heard = Buffer.alloc(0);
  s1.on("data", (c) => { heard = Buffer.concat([heard, c]); });
  s1.write(Buffer.concat([Buffer.from("010000", "hex"), hello({ rx: 300, max: 250 })]));
  await pause(100);
  const id = heard.subarray(2, 18);
  const first = packetsOf(heard.subarray(18 + 1 + 1 + 3 + 1));
  console.log("first conn:", first.map((p) => p.toString()));
  s1.destroy(); await pause(50);
  for (let i = 0; i < 20; i++) void gw.request("b-1", { ot: "l:x", pad: "x".repeat(180) });
  const s2 = await dial(gw);
  let h2 = Buffer.alloc(0);
  s2.on("data", (c) => { h2 = Buffer.concat([h2, c]); });
  s2.write(Buffer.concat([Buffer.from("0110", "hex"), id, Buffer.from("00", "hex")])); 
  await pause(300);
  const data = packetsOf(h2.subarray(1 + 1 + 1 + 3 + 1));
  const bytes = data.reduce((n, p) => n + p.length, 0);
  console.log("resumed: packets", data.length, "bytes in flight", bytes);
  // ack one by one: cwnd grows
  s2.write(Buffer.from("0001", "hex")); await pause(100);
  const d2 = packetsOf(h2.subarray(7)); console.log("after 1 ack", d2.reduce((n, p) => n + p.length, 0) - d2[0].length);
  expect(bytes).toBeLessThanOrEqual(300);
});

test("D: hello plus packets stay within rx", async () => {
  const gw = await gatewayFor();
  // gateway gets to know the board, then queue
  const s1 = await dial(gw);
  s1.write(Buffer.concat([Buffer.from("010000", "hex"), hello({ rx: 300, max: 250 })]));
  await pause(100);
  s1.destroy(); await pause(50);
  for (let i = 0; i < 20; i++) void gw.request("b-1", { ot: "l:x", pad: "x".repeat(100) });
  const s2 = await dial(gw);
  let h2 = Buffer.alloc(0);
  s2.on("data", (c) => { h2 = Buffer.concat([h2, c]); });
  s2.write(Buffer.concat([Buffer.from("010000", "hex"), hello({ rx: 300, max: 250 })]));
  await pause(200);
  const data = packetsOf(h2.subarray(18 + 6));
  const bytes = data.reduce((n, p) => n + p.length, 0);
  console.log("new session: packets", data.length, "bytes unacknowledged", bytes, "rx 300");
  expect(bytes).toBeLessThanOrEqual(300);
});

describe("B: pending payload in l.out", () => {
  const make = (isBoard: boolean, id: number) => {
    const out: number[] = []; const data: string[] = []; const events: string[] = [];
    const link = createLink(isBoard, id, nodeEngine, {
      onWrite: (b, s, e) => { out.push(...b.subarray(s, e)); }, onOpened: () => events.push("open"), onBroken: (r) => events.push("broken " + String.fromCharCode(r)),
      onData: (b, s, e) => { data.push(hexOf(b.slice(s, e))); }, onLog: () => {}, onRepl: () => {} }, new Uint8Array(4096), 256);
    return { link, out, data, events, take: () => Uint8Array.from(out.splice(0)) };
  };
  test("a stale DATA frame does not spoil what waits to be sent", () => {
    const b = make(true, 9), g = make(false, 0), other = make(true, 40), g2 = make(false, 0);
    openLink(b.link, 0); receiveChunk(g.link, b.take(), 0); receiveChunk(b.link, g.take(), 0);
    openLink(other.link, 0); receiveChunk(g2.link, other.take(), 0); receiveChunk(other.link, g2.take(), 0);
    sendBytes(other.link, bytesOf("0102"), 0, 2, 0); flushLink(other.link, 0);
    const stale = other.take();
    sendBytes(g.link, bytesOf("0005"), 0, 2, 1000); // a sync that waits for the end of the turn
    receiveChunk(g.link, stale, 1000);
    flushLink(g.link, 1000);
    receiveChunk(b.link, g.take(), 1001);
    console.log("board got", b.data, b.events);
    expect(b.data).toEqual(["0005"]);
  });
  test("sendRepl does not spoil what waits", () => {
    const b = make(true, 9), g = make(false, 0);
    openLink(b.link, 0); receiveChunk(g.link, b.take(), 0); receiveChunk(b.link, g.take(), 0);
    sendBytes(g.link, bytesOf("0005"), 0, 2, 1000); sendRepl(g.link, 1000); flushLink(g.link, 1000);
    receiveChunk(b.link, g.take(), 1001);
    console.log("board got", b.data, b.events);
    expect(b.data).toEqual(["0005"]);
  });
});

test("E: maxBytes bounds what the store holds", () => {
  const store = new MemoryStore(100_000, 67_108_864);
  global.gc?.();
  for (let i = 1; i <= 4000; i++) store.append({ device: "b", epoch: "e", seq: i, at: 0, message: { ot: "x", v: Buffer.alloc(65000, 97 + (i % 26)).toString() } }, () => {});
  console.log(store.fill, "real MB", Math.round(process.memoryUsage().rss / 1e6));
  expect(store.fill.messages * 65000).toBeLessThan(67_108_864 * 1.5);
});

test("I: a call that was interrupted inside a chunk (OOM) loses nothing", () => {
  const server = new Side({ isClient: false }), client = new Side({ isClient: true });
  connectSession(client.session, 0);
  client.take(); attachSession(server.session, true, 0);
  client.hear(server.take(), 0); server.hear("00", 0);
  const text: string[] = [];
  let boom = true;
  client.onPacket = function (b, s, e, index) { text.push(hexOf(b.slice(s, e))); if (index === 0 && boom) { boom = false; throw new Error("OOM"); } (this as any).session.accepted = index + 1; } as any;
  server.send("aa"); server.send("bb"); 
  const two = server.take();
  try { client.hear(two, 1); } catch {}
  server.send("cc"); 
  client.hear(server.take(), 2);
  const ack = client.take(); server.hear(ack, 2);
  console.log("delivered", text, "server thinks acked", server.acknowledged, "client phase", client.session.phase);
  // reconnect
  detachSession(client.session, 3); detachSession(server.session, 3);
  connectSession(client.session, 4); const req = client.take(); attachSession(server.session, false, 4);
  client.hear(server.take(), 4); server.hear(req.subarray(18), 4);
  client.hear(server.take(), 5);
  server.send("dd"); client.hear(server.take(), 6); server.hear(client.take(), 6);
  console.log("delivered", text);
  expect(text).toEqual(["aa", "bb", "cc", "dd"]);
});
