/** What listeners of a real gateway hear, decoded: from the beginning, from the middle, and over new connections. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSendBuffer } from "../shared/session/send-buffer.ts";
import { openKeys } from "./admission/key-store.ts";
import { type Piece, WireDecoder } from "./frames/wire-decoder.ts";
import { systemClock } from "./platform/clock.ts";
import { silentLog } from "./platform/log.ts";
import type { LinkListener, LinkWatch, WatchTarget } from "./router/link-listener.ts";
import { LinkWatches } from "./router/link-watch.ts";
import { Connection } from "./session/connection.ts";
import { nobody } from "./session/session-owner.ts";
import { SessionServer } from "./session/session-server.ts";
import { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { MemoryPair } from "./transports/memory-pair.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const toStop = stopAfterEach();

async function gatewayFor(...set: string[]): Promise<TestGateway> {
  const gw = await startGateway(set);
  toStop.push(() => gw.stop());
  return gw;
}

function boardOf(id: string, hasLink: boolean): BoardClient {
  const client = new BoardClient({ id, hasLink });
  toStop.push(() => client.detach());
  return client;
}

/** A listener that decodes what it hears. */
class Ear implements LinkListener {
  readonly pieces: Piece[] = [];
  /** All bytes of the gateway. */
  heard = Buffer.alloc(0);
  /** Begins, misses and ends, in words. */
  readonly notes: string[] = [];
  /** Called before each chunk of the board. */
  onBoard: () => void = () => {};
  watch: LinkWatch | null = null;
  private readonly decoders = new Map<number, WireDecoder>();

  static at(gw: TestGateway, target: WatchTarget): Ear {
    const ear = new Ear();
    ear.watch = gw.gateway.watchLink(target, ear);
    toStop.push(() => ear.watch?.stop());
    return ear;
  }

  get messages(): string[] {
    return this.pieces
      .filter(({ kind }) => kind === "message")
      .map(({ from, meaning }) => `${from} ${meaning}`);
  }

  get troubles(): string[] {
    return this.pieces.filter(({ isUnderstood }) => !isUnderstood).map(({ meaning }) => meaning);
  }

  onLink: LinkListener["onLink"] = (begin) => {
    this.notes.push(`link ${begin.state.board.stage}`);
    this.decoders.set(begin.connection, new WireDecoder(begin.state, (piece) => this.pieces.push(piece)));
  };
  onChunk: LinkListener["onChunk"] = (connection, t, from, chunk) => {
    if (from === "board") this.onBoard();
    else this.heard = Buffer.concat([this.heard, chunk]);
    this.decoders.get(connection)?.read(from, Uint8Array.from(chunk), t);
  };
  onMissed: LinkListener["onMissed"] = (_, __, { chunks, isSecret }) =>
    this.notes.push(chunks === 0 ? "nothing" : isSecret ? "secret" : "missed");
  onOver: LinkListener["onOver"] = (connection, t, reason) => {
    this.notes.push(`over ${reason}`);
    this.decoders.get(connection)?.end(t);
  };
}

function rethrow(error: unknown): never {
  throw error;
}

/** Every ear that joined later has heard the end of what the first one heard. */
function expectEndings(first: Ear, later: Ear[]): void {
  const whole = first.messages;
  expect(first.troubles).toEqual([]);
  for (const ear of later) {
    expect(ear.troubles).toEqual([]);
    expect(ear.messages).toEqual(whole.slice(whole.length - ear.messages.length));
  }
}

/** Joined one after the other, so that the first of them hear the handshake cut at every byte. */
const MAX_EARS = 300;

const blob = (i: number, size: number) => JSON.stringify({ ot: "l:n", i, fill: "x".repeat(size) });

/** A gateway's end without a gateway: it takes every hello and counts every packet. */
function acceptingServer(): SessionServer {
  const server = new SessionServer(sessionSettings, systemClock, (session) => ({
    ...nobody,
    onPacket: (_bytes, _start, _end, index) => {
      if (index === 0) {
        session.confirm(65_536);
        const hello = { epoch: "0123456789abcdef", seq: 1, yourEpoch: "fedcba9876543210" };
        session.greet(Buffer.from(JSON.stringify({ hello })));
        session.bind(createSendBuffer(new Uint8Array(0), 1000));
      }
      session.accept(index + 1);
    },
  }));
  toStop.push(() => server.stop());
  return server;
}

const sessionSettings = {
  syncIntervalMinMs: 20,
  syncIntervalMaxMs: 5000,
  expireS: 255,
  maxPacketBytes: 65_536,
};
const cable = { baud: 115_200, interByteTimeoutMs: 300, syncIntervalMaxMs: 2000 };

describe.each([
  ["a cable", cable],
  ["a socket", null],
])("a listener that joins %s in the middle", (_, settings) => {
  test.each([1, 3, 64, 1000])("hears the rest, message by message, in chunks of %i bytes", async (size) => {
    const pair = new MemoryPair();
    pair.rechunk(size);
    const watches = new LinkWatches(systemClock, () => false, rethrow);
    const connection = new Connection(pair.a, acceptingServer(), systemClock, silentLog, settings, () => {});
    connection.start();
    watches.add(connection);
    const listen = () => {
      const ear = new Ear();
      ear.watch = watches.watch({ link: connection.name }, ear);
      return ear;
    };
    const first = listen();
    const later: Ear[] = [];
    first.onBoard = () => {
      if (later.length < MAX_EARS) later.push(listen());
    };
    const client = boardOf("cut-1", settings !== null);
    client.attach(pair.b);
    // Longer than a frame where chunks are long; every byte is heard by hundreds of ears.
    const longest = Math.min(2000, 100 + 20 * size);
    for (let i = 0; i < 8; i++) client.send(blob(i, (i * 371) % longest));
    while (client.unacknowledged > 0) {
      pair.deliver();
      await new Promise(setImmediate);
    }
    expect(later.length).toBeGreaterThan(size === 1 ? 200 : 3);
    expectEndings(first, later);
    expect(first.messages[0]).toBe("board request of a new session, version 1");
    expect(first.messages.filter((text) => text.includes("l:n"))).toHaveLength(8);
  });
});

test.each([
  ["the board", { device: "novice" }],
  ["its link", (name: string) => ({ link: name })],
])(
  "the key that a board is given is heard by nobody who listens to %s; what follows it is",
  async (_, target) => {
    const data = await mkdtemp(join(tmpdir(), "bowline-sniff-"));
    toStop.push(() => rm(data, { recursive: true }));
    const gw = await gatewayFor(`data=${data}`);
    gw.gateway.openPairing(60_000);
    const socket = await gw.dial();
    const name = `tcp 127.0.0.1:${socket.localPort}`;
    const ear = Ear.at(gw, typeof target === "function" ? target(name) : target);
    const client = boardOf("novice", false);
    client.attach(tcpTransport(socket));
    client.send('{"ot":"l:first"}');
    await gw.until("the first message", () => gw.messages.length === 1);
    client.send('{"ot":"l:second"}');
    await gw.until("the second message", () => gw.messages.length === 2);
    const key = Buffer.from(openKeys(data).get("novice") ?? []);
    expect(key).toHaveLength(32);
    expect(ear.heard.includes(key.toString("base64"))).toBe(false);
    expect(ear.notes).toContain("secret");
    expect(ear.messages.join()).toContain("l:first");
    expect(ear.messages.join()).toContain("l:second");
    expect(ear.troubles).toEqual([]);
  },
);

describe("a listener that follows a board", () => {
  test("hears the handshake of its next connection, and nothing of other boards", async () => {
    const gw = await gatewayFor();
    const client = boardOf("mover", false);
    client.attach(tcpTransport(await gw.dial()));
    await gw.until("the hello", () => gw.gateway.devicesView().length > 0);
    const ear = Ear.at(gw, { device: "mover" });
    const other = boardOf("other", false);
    other.attach(tcpTransport(await gw.dial()));
    await gw.until("the other's hello", () => gw.gateway.devicesView().length > 1);
    other.send('{"ot":"l:other"}');
    await gw.until("its message", () => gw.messages.length === 1);
    expect(ear.notes).toEqual(["link packets"]);

    client.attach(tcpTransport(await gw.dial()));
    client.send('{"ot":"l:here"}');
    await gw.until("the message", () => gw.messages.length === 2);
    expect(ear.notes.filter((note) => note.startsWith("link"))).toEqual(["link packets", "link request"]);
    const resumed = ear.messages.findIndex((text) => text.startsWith("board request to resume session"));
    expect(ear.messages[resumed]).toMatch(/ session [0-9a-f]{8}…, version 1$/);
    expect(ear.messages.slice(resumed + 1)).toContain("gateway handshake OK: session resumed");
    expect(ear.messages.join()).toContain("l:here");
    expect(ear.messages.join()).not.toContain("l:other");
    expect(ear.troubles).toEqual([]);
  });

  test("counts what it pauses over, and begins anew where the board is", async () => {
    const gw = await gatewayFor();
    const client = boardOf("fast", false);
    client.attach(tcpTransport(await gw.dial()));
    await gw.until("the hello", () => gw.gateway.devicesView().length > 0);
    const ear = Ear.at(gw, { device: "fast" });
    ear.watch?.pause();
    client.send('{"ot":"l:missed"}');
    await gw.until("the first", () => gw.messages.length === 1);
    ear.watch?.resume();
    client.send('{"ot":"l:heard"}');
    await gw.until("the second", () => gw.messages.length === 2);
    expect(ear.notes).toEqual(["link packets", "missed", "link packets"]);
    expect(ear.messages.join()).not.toContain("l:missed");
    expect(ear.messages.join()).toContain("l:heard");
    expect(ear.troubles).toEqual([]);
  });

  test("is not heard of by connections once it has stopped", async () => {
    const gw = await gatewayFor();
    const ear = Ear.at(gw, { device: "late" });
    ear.watch?.stop();
    const client = boardOf("late", false);
    client.attach(tcpTransport(await gw.dial()));
    await gw.until("the hello", () => gw.gateway.devicesView().length > 0);
    expect([ear.notes, ear.pieces]).toEqual([[], []]);
  });

  test("hears the first connection of a board that was never there", async () => {
    const gw = await gatewayFor();
    const ear = Ear.at(gw, { device: "late" });
    const client = boardOf("late", false);
    client.attach(tcpTransport(await gw.dial()));
    client.send('{"ot":"l:x"}');
    await gw.until("the message", () => gw.messages.length === 1);
    expect(ear.messages.slice(0, 3)).toEqual([
      "board request of a new session, version 1",
      "board client's state: startPacketIndex 0",
      expect.stringMatching(/^gateway handshake OK: new session [0-9a-f]{8}…$/),
    ]);
    expect(ear.watch?.followed).toBe(1);
  });
});
