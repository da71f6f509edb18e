/**
 * Boards that are unplugged, plugged in elsewhere, moved between cable and network, and restarted (users L3, L5, S7), on
 * real pseudo-terminals and sockets. For more of it: `MOVES=1000 npx vitest run host/moves.test.ts`, which also holds
 * reopening to its 2 s.
 */
import { mkdtemp, rm, symlink, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SerialView } from "./http/api.ts";
import type { Log } from "./platform/log.ts";
import { until } from "./platform/testing/until.ts";
import { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { ptyWire } from "./testing/pty-wire.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { isPtyAvailable, openPty } from "./transports/pty.ts";
import { randomInteger, seededRandom } from "./transports/random.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

/** Of each kind; a thousand is what users.md asks for. */
const MOVES = Number(process.env.MOVES ?? 100);
const IS_MEASURED = process.env.MOVES !== undefined;
/** Cables that are replugged at the same time; few where the time is taken. */
const CABLES = IS_MEASURED ? 4 : 25;
const LIVES = Number(process.env.MOVES ?? 1000);
const TIMEOUT_MS = 60_000 + 2000 * MOVES;

const toStop = stopAfterEach();

async function gatewayWith(set: string[], log?: Log): Promise<TestGateway> {
  const gw = await startGateway(set, log);
  toStop.push(() => gw.stop());
  return gw;
}

const dial = (gw: TestGateway) => tcpTransport(connect(gw.tcpPort, "127.0.0.1"));
const isOpen = (gw: TestGateway, path: string) =>
  gw.gateway.serialView().some((port) => port.path === path && port.open);
const numbersOf = (gw: TestGateway, id: string) =>
  gw.messages.filter(({ device }) => device === id).map(({ message }) => message.i);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What a person would read. */
function listener(onTold: (text: string) => void = () => {}): { log: Log; told: string[] } {
  const told: string[] = [];
  const tell = (_fields: object, text: string) => {
    told.push(text);
    onTold(text);
  };
  return { told, log: { debug() {}, info: tell, warn: tell, error: tell } };
}

/** A board that numbers what it says. */
class Counter {
  sent = 0;
  constructor(readonly client: BoardClient) {
    toStop.push(() => client.detach());
  }
  say(count: number): void {
    for (let i = 0; i < count; i++) this.client.send(JSON.stringify({ ot: "l:n", i: this.sent++ }));
  }
}

describe.skipIf(!isPtyAvailable())("needs script: sudo apt-get install bsdutils", () => {
  test(
    `L3: ${MOVES} replugs, each under another name of the kernel's: nothing is lost or repeated`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "bowline-moves-"));
      toStop.push(() => rm(folder, { recursive: true, force: true }));
      const paths = upTo(CABLES).map((i) => join(folder, `usb-board-${i}`));
      const gw = await gatewayWith(paths.map((path, i) => `serial.${i}.path=${path}`));
      const openings: number[] = [];

      async function replug(path: string, board: Counter, rounds: number): Promise<void> {
        for (let round = 0; round < rounds; round++) {
          const pty = await openPty();
          toStop.push(() => pty.close());
          await symlink(pty.path, path);
          const returnedAt = performance.now();
          await until(() => isOpen(gw, path));
          openings.push(performance.now() - returnedAt);
          board.client.attach(ptyWire(pty)());
          board.say(20);
          const id = paths.indexOf(path);
          await until(() => numbersOf(gw, `b-${id}`).length > board.sent - 15);
          board.say(5); // some of it still under way when the cable is pulled
          if (round === rounds - 1) break;
          await unlink(path); // as udev does
          await pty.close();
          await until(() => !isOpen(gw, path));
        }
      }
      const boards = paths.map((_, i) => new Counter(new BoardClient({ id: `b-${i}`, hasLink: true })));
      await Promise.all(paths.map((path, i) => replug(path, boards[i], MOVES / CABLES)));

      for (const [i, { sent }] of boards.entries()) {
        await until(() => numbersOf(gw, `b-${i}`).length >= sent);
        expect(numbersOf(gw, `b-${i}`)).toEqual(upTo(sent));
      }
      expect(gw.gateway.devicesView().map(({ sessions, missing }) => [sessions, missing])).toEqual(
        Array(CABLES).fill([1, 0]),
      );
      expect(openings.length).toBe(MOVES);
      if (IS_MEASURED) {
        const slowest = Math.max(...openings);
        console.log(`${MOVES} replugs: reopened within ${Math.round(slowest)} ms at most`);
        expect(slowest).toBeLessThan(2000);
      }
    },
    TIMEOUT_MS,
  );

  test.each([
    ["within one session", 255],
    ["each move with a new session", 0],
  ])(
    `S7: ${MOVES} moves between cable and network, %s: nothing is lost or repeated`,
    async (_, expireS) => {
      const pty = await openPty();
      toStop.push(() => pty.close());
      const { log, told } = listener();
      const gw = await gatewayWith([`serial.0.path=${pty.path}`, `session.expireS=${expireS}`], log);
      await until(() => isOpen(gw, pty.path));
      const uart = ptyWire(pty);
      const board = new Counter(new BoardClient({ id: "mover", hasLink: false }));
      for (let move = 0; move <= MOVES; move++) {
        const onCable = move % 2 === 0;
        const before = board.client.ends.length;
        board.client.attach(onCable ? uart() : dial(gw), onCable);
        board.say(10);
        if (expireS === 0 && move > 0) {
          await until(() => board.client.ends.length > before); // code 2: the session died with its connection
          if (!onCable) board.client.attach(dial(gw), false);
        }
        await until(() => numbersOf(gw, "mover").length > board.sent - 8);
        board.say(5); // some of it still under way when it moves
      }
      await until(() => numbersOf(gw, "mover").length >= board.sent);
      expect(numbersOf(gw, "mover")).toEqual(upTo(board.sent));
      const [device] = gw.gateway.devicesView();
      expect(device).toMatchObject({ missing: 0, sessions: expireS === 0 ? MOVES + 1 : 1 });
      expect(told.filter((text) => text === "is on another port").length).toBe(MOVES);
    },
    TIMEOUT_MS,
  );

  test(
    "a board plugged into another configured port keeps its session, and its move is told",
    async () => {
      const ptys = await Promise.all([openPty(), openPty()]);
      toStop.push(() => Promise.all(ptys.map((pty) => pty.close())));
      const { log, told } = listener();
      const gw = await gatewayWith(
        ptys.map(({ path }, i) => `serial.${i}.path=${path}`),
        log,
      );
      await until(() => ptys.every(({ path }) => isOpen(gw, path)));
      const uarts = ptys.map(ptyWire);
      const board = new Counter(new BoardClient({ id: "mover", hasLink: true }));
      for (let move = 0; move <= 20; move++) {
        board.client.attach(uarts[move % 2]());
        board.say(10);
        await until(() => numbersOf(gw, "mover").length > board.sent - 8);
      }
      await until(() => numbersOf(gw, "mover").length >= board.sent);
      expect(numbersOf(gw, "mover")).toEqual(upTo(board.sent));
      expect(gw.gateway.devicesView()[0]).toMatchObject({ sessions: 1, via: `serial ${ptys[0].path}` });
      expect(told.filter((text) => text === "is on another port").length).toBe(20);
    },
    TIMEOUT_MS,
  );

  test(
    "a silent port is reopened and its board reset, until one speaks on it",
    async () => {
      const pty = await openPty();
      toStop.push(() => pty.close());
      const views: SerialView[] = [];
      const view = () => gw.gateway.serialView()[0];
      const { log, told } = listener((text) => {
        if (/^no valid frame|speaks again$/.test(text)) views.push(view());
      });
      const port = { path: pty.path, resetOnOpen: "if_silent", silentAfterS: 1, syncIntervalMaxMs: 300 };
      const gw = await gatewayWith(
        Object.entries(port).map(([key, value]) => `serial.0.${key}=${value}`),
        log,
      );
      await until(() => view().openings >= 3 && view().state === "silent");
      expect(views.slice(0, 2)).toMatchObject([
        { openings: 1, reopened: 1, reset: 0 },
        { openings: 2, reopened: 1, reset: 1 },
      ]);
      const board = new Counter(new BoardClient({ id: "sleeper", hasLink: true }));
      board.client.attach(ptyWire(pty)());
      board.say(3);
      await until(() => told.includes("a board speaks again"));
      expect(views.at(-1)?.state).toBe("speaking");
      const before = told.slice(0, told.indexOf("a board speaks again"));
      expect(before.filter((text) => /^(no valid frame|port open|connection over)/.test(text))).toEqual([
        "port open",
        expect.stringMatching(/^no valid frame for \d+ s: the port is reopened$/),
        "connection over",
        expect.stringMatching(/^no valid frame for \d+ s: the board is reset by DTR and RTS$/),
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    `L5: ${LIVES} resets at random: each is a new epoch, and no life's packets are acknowledged by another's`,
    async () => {
      const seed = Number(process.env.SEED ?? 5);
      const random = seededRandom(seed);
      const pty = await openPty();
      toStop.push(() => pty.close());
      const gw = await gatewayWith([`serial.0.path=${pty.path}`]);
      await until(() => isOpen(gw, pty.path));
      const uart = ptyWire(pty);
      const lives: BoardClient[] = [];
      for (let life = 0; life < LIVES; life++) {
        const client = new BoardClient({ id: "phoenix", hasLink: true });
        toStop.push(() => client.detach());
        lives.push(client);
        client.attach(uart());
        const count = randomInteger(random, 1, 12);
        for (let i = 0; i < count; i++) client.send(JSON.stringify({ ot: "l:n", life, i }));
        await gw.until(`seed ${seed}: life ${life}`, () => gw.messages.at(-1)?.message.life === life);
        for (let turns = randomInteger(random, 0, 6); turns > 0; turns--)
          await new Promise((resolve) => setImmediate(resolve));
        client.detach();
      }
      await until(() => gw.messages.at(-1)?.message.life === LIVES - 1);
      const epochs = [...new Set(gw.messages.map(({ epoch }) => epoch))];
      expect(epochs.length, `seed ${seed}`).toBe(LIVES);
      for (const [life, client] of lives.entries()) {
        const mine = gw.messages.filter(({ epoch }) => epoch === epochs[life]);
        expect(
          mine.map(({ message }) => [message.life, message.i]),
          `seed ${seed}`,
        ).toEqual(mine.map((_, i) => [life, i]));
        // The hello is acknowledged too.
        expect(client.acknowledged - 1, `seed ${seed}, life ${life}`).toBeLessThanOrEqual(mine.length);
      }
      expect(gw.gateway.devicesView()[0]).toMatchObject({ missing: 0, repeats: 0 });
    },
    TIMEOUT_MS,
  );
});
