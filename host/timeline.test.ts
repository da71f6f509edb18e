/** What a person finds in the timeline after a cable was pulled, a board moved, and the gateway was killed (users X3). */
import { mkdtemp, rm, symlink, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Code } from "../shared/session/codes.ts";
import { until } from "./platform/testing/until.ts";
import { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { ptyWire } from "./testing/pty-wire.ts";
import { stopAfterEach } from "./testing/stops.ts";
import type { Happening } from "./timeline/happening.ts";
import { isPtyAvailable, openPty } from "./transports/pty.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";
import type { Transport } from "./transports/transport.ts";

const toStop = stopAfterEach();
const boards: BoardClient[] = [];
afterEach(() => {
  for (const board of boards.splice(0)) board.detach();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "bowline-timeline-"));
  toStop.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

function newBoard(hasLink: boolean): BoardClient {
  const board = new BoardClient({ id: "b-1", hasLink });
  boards.push(board);
  return board;
}

const all = (gw: TestGateway): Happening[] =>
  gw.gateway.timeline.page({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1000 }).happenings.reverse();
/** `kind of whom: text`, of all or of one subject. */
const told = (gw: TestGateway, kind?: Happening["subject"]["kind"]) =>
  all(gw)
    .filter(({ subject }) => kind === undefined || subject.kind === kind)
    .map((one) => `${one.kind} ${one.subject.kind}: ${one.text}`);
const isConnected = (gw: TestGateway) => gw.gateway.devicesView().some(({ connected }) => connected);

describe.skipIf(!isPtyAvailable())("needs script: sudo apt-get install bsdutils", () => {
  test("a cable that is pulled and plugged in: the port and the board go and come, with why, and nothing else", async () => {
    const path = join(await folder(), "usb-board");
    const gw = await startGateway([`serial.0.path=${path}`]);
    toStop.push(() => gw.stop());
    const board = newBoard(true);
    const plug = async () => {
      const pty = await openPty();
      toStop.push(() => pty.close());
      await symlink(pty.path, path);
      await until(() => expect(gw.gateway.serialView()[0].open).toBe(true));
      board.attach(ptyWire(pty)());
      await until(() => expect(isConnected(gw)).toBe(true));
      return pty;
    };
    const isMissed = () => expect(gw.gateway.serialView()[0].waitingFor).not.toBe("");
    await until(isMissed);
    const pty = await plug();
    board.send('{"ot":"l:n","i":1}');
    await until(() => expect(gw.messages.length).toBe(1));
    await unlink(path); // as udev does
    await pty.close();
    await until(isMissed);
    await plug();

    expect(told(gw)).toEqual([
      "up bowline: started",
      expect.stringMatching(/^fault port: .*usb-board/),
      "up port: port open",
      "up board: connected",
      "down board: disconnected",
      expect.stringMatching(/^fault port: .*usb-board/),
      "up port: port open",
      "resumed board: session resumed",
    ]);
    const [down] = all(gw).filter(({ kind }) => kind === "down");
    expect(down.fields).toMatchObject({ via: `serial ${path}`, why: expect.stringMatching(/./) });
    expect(
      all(gw)
        .filter(({ kind }) => kind === "fault")
        .map(({ mend }) => mend),
    ).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
  });

  test("a board that moves from cable to network is told as moved, once", async () => {
    const path = join(await folder(), "usb-board");
    const pty = await openPty();
    toStop.push(() => pty.close());
    await symlink(pty.path, path);
    const gw = await startGateway([`serial.0.path=${path}`]);
    toStop.push(() => gw.stop());
    await until(() => expect(gw.gateway.serialView()[0].open).toBe(true));
    const board = newBoard(true);
    board.attach(ptyWire(pty)());
    await until(() => expect(isConnected(gw)).toBe(true));
    board.attach(tcpTransport(await gw.dial()), false);
    await until(() => expect(told(gw, "board")).toContain("moved board: is on another port"));
    await until(() => expect(isConnected(gw)).toBe(true));
    const kinds = told(gw, "board");
    expect(kinds.filter((line) => line.startsWith("moved"))).toHaveLength(1);
    expect(kinds.filter((line) => !/^(up|down|moved|resumed) /.test(line))).toEqual([]);
    expect(kinds.at(0)).toBe("up board: connected");
  });
});

test("a session that goes on after a break is resumed, and is no second connection", async () => {
  const gw = await startGateway();
  toStop.push(() => gw.stop());
  const board = newBoard(false);
  const dial = async () => board.attach(tcpTransport(await gw.dial()));
  await dial();
  for (let i = 0; i < 5; i++) board.send(`{"ot":"l:n","i":${i}}`);
  await until(() => expect(gw.messages.length).toBe(5));
  board.detach();
  await until(() => expect(isConnected(gw)).toBe(false));
  await dial();
  await until(() => expect(isConnected(gw)).toBe(true));
  expect(told(gw, "board")).toEqual([
    "up board: connected",
    "down board: disconnected",
    "resumed board: session resumed",
  ]);
});

/** A line that carries to the gateway only, once it is cut: what comes from there is not heard. */
function cuttable(whole: Transport): { line: Transport; cut(): void } {
  let isCut = false;
  const line: Transport = {
    ...{ name: whole.name, remoteAddress: whole.remoteAddress },
    start: (handler) =>
      whole.start({
        onChunk: (chunk) => !isCut && handler.onChunk(chunk),
        onDrain: () => handler.onDrain(),
        onClose: (reason) => handler.onClose(reason),
      }),
    write: (chunk) => whole.write(chunk),
    close: () => whole.close(),
  };
  const cut = () => {
    isCut = true;
  };
  return { line, cut };
}

/** Over a line that is cut when two messages are acknowledged: three more arrive of which the board hears nothing. */
async function boardWithACut(gw: TestGateway): Promise<BoardClient> {
  const board = newBoard(false);
  const { line, cut } = cuttable(tcpTransport(await gw.dial()));
  board.attach(line);
  for (let i = 0; i < 2; i++) board.send(`{"ot":"l:n","i":${i}}`);
  await until(() => expect([gw.messages.length, board.unacknowledged]).toEqual([2, 0]));
  cut();
  for (let i = 2; i < 5; i++) board.send(`{"ot":"l:n","i":${i}}`);
  await until(() => expect(gw.messages.length).toBe(5));
  return board;
}

test("a session that is resumed says how much was sent again, and how much came again and was dropped", async () => {
  const gw = await startGateway();
  toStop.push(() => gw.stop());
  const board = await boardWithACut(gw);
  for (const led of [true, false]) {
    const request: { ot: string } & Record<string, unknown> = { ot: "l:led", led };
    await gw.gateway.router.submit("b-1", request, 60_000, {});
  }
  await until(() => expect(gw.gateway.tallies.boards.standing.packets).toBe(2));
  board.attach(tcpTransport(await gw.dial()));
  await until(() => expect(board.packets.length).toBe(2));
  const resumed = all(gw).filter(({ kind }) => kind === "resumed");
  expect(resumed).toMatchObject([{ text: "session resumed", fields: { sentAgain: 2, repeats: 3 } }]);
  expect(gw.messages.length).toBe(5);
});

test("what comes again in another session is dropped, and told once with how much it was", async () => {
  const data = await folder();
  const first = await startGateway([`data=${data}`]);
  const board = await boardWithACut(first);
  board.detach();
  await first.stop();
  const gw = await startGateway([`data=${data}`]);
  toStop.push(() => gw.stop());
  // Of a gateway that began anew no session can be gone on with.
  board.attach(tcpTransport(await gw.dial()));
  await until(() => expect(board.ends).toEqual([Code.SESSION_UNKNOWN]));
  board.attach(tcpTransport(await gw.dial()));
  board.send('{"ot":"l:n","i":5}');
  await until(() => expect(gw.messages.map(({ message }) => message.i)).toEqual([5]));
  expect(all(gw).filter(({ kind }) => kind === "repeats")).toMatchObject([
    {
      level: "info",
      subject: { kind: "board", name: "b-1" },
      text: "packets that are here already came again",
      fields: { repeats: 3 },
    },
  ]);
});

test("messages that are missing, and those that the board had no room for, are a loss each", async () => {
  const gw = await startGateway();
  toStop.push(() => gw.stop());
  const board = newBoard(false);
  board.attach(tcpTransport(await gw.dial()));
  for (const lost of [0, 3, 3, 4]) board.send(JSON.stringify({ ot: "l:telemetry", lost }));
  await until(() => expect(gw.messages.length).toBe(4));
  expect(all(gw).flatMap(({ kind, fields }) => (kind === "loss" ? [fields?.missing] : []))).toEqual([3, 1]);
  expect(gw.gateway.problems.view().problems).toMatchObject([
    { code: "MESSAGES_MISSING", level: "critical", subject: { kind: "board", name: "b-1" } },
  ]);
});

test("a gateway that was stopped says so, and one that begins goes on with what was there", async () => {
  const data = await folder();
  const first = await startGateway([`data=${data}`]);
  const board = newBoard(false);
  board.attach(tcpTransport(await first.dial()));
  await until(() => expect(isConnected(first)).toBe(true));
  await first.stop();
  const second = await startGateway([`data=${data}`]);
  toStop.push(() => second.stop());
  expect(told(second)).toEqual([
    "up bowline: started",
    "up board: connected",
    "down bowline: stopped",
    "up bowline: started",
  ]);
});
