/** Boards with keys at a real gateway over TCP: both sides prove, and nothing else gets in (session part 4, D7). */
import { describe, expect, test } from "vitest";
import { Code } from "../shared/session/codes.ts";
import { openKeys } from "./admission/key-store.ts";
import type { Log } from "./platform/log.ts";
import { silentLog } from "./platform/log.ts";
import { BoardClient, type BoardClientOptions } from "./testing/board-client.ts";
import { folderForEach } from "./testing/folders.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const data = folderForEach("keys");
const toStop = stopAfterEach();

const turn = () => new Promise((resolve) => setImmediate(resolve));
const drawKey = (id: string) => openKeys(data()).draw(id);

async function gatewayFor(set: string[] = [], log: Log = silentLog): Promise<TestGateway> {
  const gw = await startGateway([`data=${data()}`, ...set], log);
  toStop.push(() => gw.stop());
  return gw;
}

/** Sends `hex` and resolves with all that was heard until the gateway hangs up. */
async function say(gw: TestGateway, hex: string): Promise<string> {
  const socket = await gw.dial();
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk.toString("hex");
  });
  socket.write(Buffer.from(hex, "hex"));
  await new Promise((resolve) => socket.once("close", resolve));
  return heard;
}

/** What a board sends, taken from the wire. */
function overheard(client: BoardClient): string[] {
  const chunks: string[] = [];
  const { attach } = client;
  client.attach = (transport) =>
    attach.call(client, {
      name: transport.name,
      remoteAddress: transport.remoteAddress,
      start: (handler) => transport.start(handler),
      close: () => transport.close(),
      write: (chunk) => {
        chunks.push(Buffer.from(chunk).toString("hex"));
        return transport.write(chunk);
      },
    });
  return chunks;
}

describe("a board with a key", () => {
  test("proves itself, is proved to, and its messages arrive once and in order over cut connections", async () => {
    const key = drawKey("b-1");
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1", key });
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 20; i++) client.send(JSON.stringify({ ot: "l:n", i: round * 20 + i }));
      if (round % 2) await gw.until("some", () => gw.messages.length > round * 10);
      client.attach(tcpTransport(await gw.dial()));
    }
    await gw.until("400 messages", () => gw.messages.length === 400);
    expect(gw.messages.map((m) => [m.seq, m.message.i])).toEqual(
      Array.from({ length: 400 }, (_, i) => [i + 1, i]),
    );
    expect(gw.gateway.devicesView()[0]).toMatchObject({ sessions: 1, missing: 0, repeats: 0 });
    expect(client.session.resumes).toBeGreaterThan(10);
  });

  test("is asked and answers, and its requests are numbered from index 1 of the gateway", async () => {
    const key = drawKey("b-1");
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1", key });
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    const asked = gw.request("b-1", { ot: "l:x" });
    while (client.packets.length < 1) await turn();
    client.send(JSON.stringify({ re: JSON.parse(client.packets[0]).rq, v: 5 }));
    expect(await asked).toMatchObject({ outcome: "delivered" });
  });

  test("refuses a gateway that has another key, which logs why and changes nothing", async () => {
    drawKey("b-1");
    const lines: object[] = [];
    const gw = await gatewayFor([], { ...silentLog, warn: (fields) => lines.push(fields) });
    const client = await gw.board({ id: "b-1", key: Buffer.alloc(32, 1) });
    client.send('{"ot":"l:x"}');
    while (client.ends.length === 0) await turn();
    expect(client.ends).toEqual([Code.CLOSED]);
    while (lines.length === 0) await turn();
    expect(lines).toMatchObject([{ code: "PROOF_INVALID" }]);
    expect(gw.gateway.devicesView()).toEqual([]);
    expect(gw.messages).toEqual([]);
  });
});

describe("who has no key is refused", () => {
  test.each<[string, Partial<BoardClientOptions>]>([
    ["a board without one, whose name has one", {}],
    ["a board of another name", { id: "b-2" }],
    ["a board of another name with a key", { id: "b-2", key: Buffer.alloc(32, 1) }],
  ])("%s", async (_, options) => {
    drawKey("b-1");
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1", ...options });
    client.send('{"ot":"l:x"}');
    while (client.session.opened === 0 || gw.gateway.sessionsView().length > 0) await turn();
    expect(gw.gateway.devicesView()).toEqual([]);
    expect(gw.messages).toEqual([]);
  });

  test.each([
    ["a wrong proof", (id: string) => `{"proof":"${Buffer.alloc(32, id.length).toString("base64")}"}`],
    ["a datum in place of the proof", () => '{"ot":"l:x"}'],
    ["a proof cut short", () => '{"proof":"AAAA"}'],
    ["the gateway's own proof, handed back", (_: string, theirs: string) => `{"proof":"${theirs}"}`],
    ["nothing that can be read", () => "\x00"],
  ])("%s ends the session", async (_, answer) => {
    drawKey("b-1");
    const lines: object[] = [];
    const gw = await gatewayFor([], { ...silentLog, warn: (fields) => lines.push(fields) });
    const socket = await gw.dial();
    const hello = JSON.stringify({
      hello: { id: "b-1", epoch: "", seq: 1, rx: 768, max: 320, nonce: Buffer.alloc(16).toString("base64") },
    });
    socket.write(Buffer.concat([Buffer.from([1, 0, 0, hello.length]), Buffer.from(hello)]));
    let heard = "";
    while (!heard.includes("}}"))
      heard += String(await new Promise((resolve) => socket.once("data", resolve)));
    const [, theirs] = /"proof":"([^"]+)"/.exec(heard)!;
    const text = answer("b-1", theirs);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume().write(Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]));
    await closed;
    expect(lines).toMatchObject([{ code: "PROOF_INVALID" }]);
    expect(gw.gateway.sessionsView()).toEqual([]);
    expect(gw.gateway.devicesView()).toEqual([]);
  });

  test("whoever claims a board's name and cannot prove it does not disturb that board", async () => {
    const key = drawKey("b-1");
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1", key });
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    const liar = await gw.board({ id: "b-1", key: Buffer.alloc(32, 1) });
    while (liar.ends.length === 0) await turn();
    client.send('{"ot":"l:still"}');
    await gw.until("it", () => gw.messages.length === 1);
    expect(gw.gateway.devicesView()[0]).toMatchObject({ connected: true, sessions: 1, connections: 1 });
    expect(client.ends).toEqual([]);
  });
});

describe("what was overheard is worth nothing", () => {
  test("a whole conversation, played again, ends at its proof", async () => {
    const key = drawKey("b-1");
    const gw = await gatewayFor();
    const client = new BoardClient({ id: "b-1", hasLink: false, key });
    const heard = overheard(client);
    client.attach(tcpTransport(await gw.dial()));
    toStop.push(() => client.detach());
    client.send('{"ot":"l:x"}');
    await gw.until("it", () => gw.messages.length === 1);
    await say(gw, heard.join(""));
    expect(gw.messages.length).toBe(1);
    expect(gw.gateway.devicesView()[0]).toMatchObject({ connected: true, sessions: 1, repeats: 0 });
  });

  test("a resume, played again, is answered as an unknown session is; so is the bare id", async () => {
    const key = drawKey("b-1");
    const gw = await gatewayFor();
    const client = new BoardClient({ id: "b-1", hasLink: false, key });
    const heard = overheard(client);
    client.attach(tcpTransport(await gw.dial()));
    toStop.push(() => client.detach());
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    heard.length = 0;
    client.attach(tcpTransport(await gw.dial()));
    while (client.session.opened < 2) await turn();
    const request = heard[0].slice(0, 2 * 34);
    expect(request.slice(0, 4)).toBe("0120");
    expect(await say(gw, `${request}00`)).toBe("02");
    expect(await say(gw, `0110${request.slice(4, 36)}00`)).toBe("02");
    expect(await say(gw, `0110${"ab".repeat(16)}00`)).toBe("02");
    client.send('{"ot":"l:still"}');
    await gw.until("it", () => gw.messages.length === 1);
    expect(client.session.opened).toBe(2);
  });
});

test("two boards with one name and key: the newest hello wins, the older is closed, nothing is mixed, and it is told", async () => {
  const key = drawKey("b-1");
  const told: object[] = [];
  const warn = (fields: object, text: string) => void told.push({ ...fields, text });
  const gw = await gatewayFor([], { ...silentLog, warn });
  const first = await gw.board({ id: "b-1", key });
  first.send('{"ot":"l:a"}');
  await gw.until("a", () => gw.messages.length === 1);
  const second = await gw.board({ id: "b-1", key });
  await gw.until("the second", () => gw.gateway.devicesView()[0].sessions === 2);
  first.send('{"ot":"l:late"}');
  second.send('{"ot":"l:b"}');
  await gw.until("b", () => gw.messages.length === 2);
  expect(gw.messages.map((m) => [m.message.ot, m.epoch])).toEqual([
    ["l:a", first.epoch],
    ["l:b", second.epoch],
  ]);
  expect(gw.gateway.sessionsView().length).toBe(1);
  const tcp = expect.stringMatching(/^tcp 127/);
  expect(told).toEqual([{ device: "b-1", via: tcp, before: tcp, event: "moved", text: "taken over" }]);
});

test("what the older session got acknowledged while the new one proved itself goes out empty, and no number is skipped", async () => {
  const key = drawKey("b-1");
  const gw = await gatewayFor();
  const client = await gw.board({ id: "b-1", key });
  await gw.until("hello", () => gw.gateway.devicesView().length === 1);
  client.send('{"ot":"l:up"}');
  await gw.until("up", () => gw.messages.length === 1);
  // The same board, in the same life, over a second connection: its proof is held back.
  const twin = new BoardClient({ id: "b-1", hasLink: false, key });
  twin.epoch = client.epoch;
  const socket = await gw.dial();
  const transport = tcpTransport(socket);
  let release = () => {};
  const proofHeld = new Promise<void>((resolve) => {
    const { write } = transport;
    transport.write = (chunk) => {
      if (!Buffer.from(chunk).includes('{"proof"')) return write.call(transport, chunk);
      const kept = Buffer.from(chunk);
      release = () => write.call(transport, kept);
      resolve();
      return true;
    };
  });
  twin.attach(transport);
  toStop.push(() => twin.detach());
  await proofHeld;
  const asked = [1, 2, 3].map((i) => gw.request("b-1", { ot: "l:ask", i }));
  while (client.packets.length < 3) await turn();
  for (const packet of client.packets) client.send(JSON.stringify({ re: JSON.parse(packet).rq }));
  await Promise.all(asked);
  release();
  await gw.until("the twin", () => gw.gateway.devicesView()[0].sessions === 2);
  const last = gw.request("b-1", { ot: "l:last" });
  while (twin.packets.length < 4) await turn();
  expect(twin.packets.slice(0, 3)).toEqual(["{}", "{}", "{}"]);
  expect(JSON.parse(twin.packets[3]).ot).toBe("l:last");
  for (let seq = 1; seq <= 4; seq++) twin.send('{"ot":"l:again"}'); // the numbers that the first has used
  twin.send(JSON.stringify({ re: JSON.parse(twin.packets[3]).rq }));
  expect(await last).toMatchObject({ outcome: "delivered" });
});

describe("a key that is revoked", () => {
  test("ends the board's session at once; it is not let in again, and others stay", async () => {
    const [key, other] = [drawKey("b-1"), drawKey("b-2")];
    const lines: object[] = [];
    const gw = await gatewayFor([], { ...silentLog, warn: (fields) => lines.push(fields) });
    const client = await gw.board({ id: "b-1", key });
    await gw.board({ id: "b-2", key: other });
    await gw.until("both", () => gw.gateway.devicesView().filter((one) => one.connected).length === 2);
    expect(gw.gateway.revokeKey("b-1")).toBe(1);
    expect(gw.gateway.revokeKey("b-1")).toBe(null);
    await gw.until("it is away", () => !gw.gateway.devicesView()[0].connected);
    client.attach(tcpTransport(await gw.dial())); // with its session's id, then with a new session
    while (client.ends.length < 1) await turn();
    client.attach(tcpTransport(await gw.dial()));
    while (lines.length === 0) await turn();
    expect(lines).toMatchObject([{ code: "KEY_NEEDED", reason: "b-1 has a key that is not known here" }]);
    expect(gw.gateway.devicesView().map((one) => one.connected)).toEqual([false, true]);
  });
});

test("no key, proof or whole session id is in any line of the log or any view (users X7)", async () => {
  const key = drawKey("b-1");
  const lines: unknown[] = [];
  const note = (fields: object, text: string) => lines.push(fields, text);
  const gw = await gatewayFor([], { debug: note, info: note, warn: note, error: note });
  gw.gateway.openPairing(60_000);
  const client = await gw.board({ id: "b-1", key });
  await gw.board({ id: "b-2" }); // is given its key
  await gw.board({ id: "b-1", key: Buffer.alloc(32, 1) }); // is refused
  await gw.until("two", () => gw.gateway.devicesView().length === 2);
  client.attach(tcpTransport(await gw.dial()));
  client.send('{"ot":"l:x"}');
  await gw.until("it", () => gw.messages.length === 1);
  gw.gateway.revokeKey("b-2");
  const { gateway } = gw;
  const views = [gateway.devicesView(), gateway.sessionsView(), gateway.linksView(), gateway.pairingView()];
  const told = JSON.stringify([lines, views]);
  expect(told).toContain("is given its key");
  const secrets = [key, openKeys(data()).get("b-1")!, Buffer.from(client.session.id)];
  for (const secret of secrets)
    for (const form of ["base64", "base64url", "hex", "latin1"] as const)
      expect(told.includes(secret.toString(form)), form).toBe(false);
  expect(told).not.toMatch(/[A-Za-z0-9+/]{43}=/); // what 32 bytes look like, keys and proofs alike
});

describe("a listener beyond loopback", () => {
  test("does not start without keys, and says what would do", async () => {
    const error = await startGateway([`data=${data()}`, "tcp.host=0.0.0.0"]).catch((e) => e);
    expect(error).toMatchObject({ code: "TCP_INSECURE", exitCode: 2 });
    expect(error.mend).toContain("bowline key add");
  });

  test("starts once a board has one", async () => {
    drawKey("b-1");
    const gw = await gatewayFor(["tcp.host=0.0.0.0"]);
    expect(gw.tcpPort).toBeGreaterThan(0);
  });

  test("starts when it is told in so many words that anyone may speak", async () => {
    const gw = await gatewayFor(["tcp.host=0.0.0.0", "tcp.insecure=true"]);
    const client = await gw.board({ id: "b-1" });
    client.send('{"ot":"l:x"}');
    await gw.until("it", () => gw.messages.length === 1);
  });
});
