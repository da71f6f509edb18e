/** The passive reader against the real firmware: it hears the hello, and the gateway after it finds all as it was. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildDevice } from "../../../device/build.mjs";
import { openKeys } from "../../admission/key-store.ts";
import { BowlineError } from "../../platform/errors.ts";
import { PATIENCE_MS } from "../../platform/testing/patience.ts";
import { until } from "../../platform/testing/until.ts";
import { PtyBoard } from "../../simulator/pty-board.ts";
import { SimulatedBoard } from "../../simulator/simulated-board.ts";
import { folderForEach } from "../../testing/folders.ts";
import { freePort } from "../../testing/free-port.ts";
import { startGateway } from "../../testing/gateway.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { isPtyAvailable, openPty } from "../../transports/pty.ts";
import { hearOnCable, hearOnNetwork } from "./hear-board.ts";

let counter = "";
const folder = folderForEach("hear");
const toStop = stopAfterEach();
const never = new AbortController().signal;
const patient = { timeoutMs: PATIENCE_MS, signal: never };

beforeAll(async () => {
  const built = await mkdtemp(join(tmpdir(), "bowline-hear-"));
  const [entry, outfile] = ["device/testing/counter.ts", join(built, "counter.js")];
  counter = (await buildDevice({ entry, outfile, quiet: true })).outfile;
  return () => rm(built, { recursive: true, force: true });
});

async function cableBoard(bundle: string, config: object = {}): Promise<string> {
  const link = join(folder(), "tty");
  const board = new PtyBoard({ id: "ear-1", bundle, config: { interval: 0, grace: 0, ...config }, link });
  toStop.push(() => board.stop());
  await board.start();
  return link;
}

/** What became of a wait that is to fail. */
async function failure(wait: Promise<unknown>): Promise<BowlineError> {
  const error = await wait.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BowlineError)) throw new Error(`no BowlineError: ${error}`);
  return error;
}

/** A busy machine may not have let the board speak within the first wait: then with twice the time, and so on. */
async function failureInWords(
  words: RegExp,
  listen: (timeoutMs: number) => Promise<BowlineError>,
): Promise<void> {
  for (let timeoutMs = 700; ; timeoutMs *= 2) {
    const { message } = await listen(timeoutMs);
    if (words.test(message)) return;
    if (timeoutMs > PATIENCE_MS / 4) expect(message).toMatch(words);
  }
}

describe.skipIf(!isPtyAvailable())("on a cable (needs script: sudo apt-get install bsdutils)", () => {
  test("the hello is heard, several times too, and what the board counted then arrives at the gateway, from 1", async () => {
    const link = await cableBoard(counter);
    const [first, second] = [
      await hearOnCable(link, 115_200, patient),
      await hearOnCable(link, 115_200, patient),
    ];
    expect(first).toMatchObject({
      via: `serial ${link}`,
      hello: { id: "ear-1", epoch: "", seq: 1, board: "SIMULATOR" },
    });
    expect(second.hello).toEqual(first.hello);
    const gw = await startGateway([`serial.0.path=${link}`]);
    toStop.push(() => gw.stop());
    await gw.until("connected", () => gw.gateway.devicesView()[0]?.connected === true);
    expect(await gw.request("ear-1", { ot: "l:count", to: 20 })).toMatchObject({ outcome: "delivered" });
    await gw.until(
      "20 numbers",
      () => gw.messages.filter(({ message }) => message.ot === "l:n").length === 20,
    );
    expect(gw.messages.map(({ seq }) => seq)).toEqual(gw.messages.map((_, i) => i + 1));
    expect(gw.gateway.devicesView()[0]).toMatchObject({ missing: 0, repeats: 0, sessions: 1 });
  });

  test("with a gateway before and after, the session's numbers go on where they were", async () => {
    const link = await cableBoard(counter);
    const data = join(folder(), "data");
    const before = await startGateway([`serial.0.path=${link}`, `data=${data}`]);
    await before.until("connected", () => before.gateway.devicesView()[0]?.connected === true);
    await before.request("ear-1", { ot: "l:count", to: 10 });
    await before.until("10 numbers", () => before.messages.some(({ message }) => message.i === 10));
    const { epoch } = before.gateway.devicesView()[0];
    const next = before.messages.length + 1;
    await before.stop();
    expect((await hearOnCable(link, 115_200, patient)).hello).toMatchObject({ epoch, seq: next });
    const after = await startGateway([`serial.0.path=${link}`, `data=${data}`]);
    toStop.push(() => after.stop());
    await after.until("connected", () => after.gateway.devicesView()[0]?.connected === true);
    await after.request("ear-1", { ot: "l:count", to: 20 });
    await after.until("20", () => after.messages.some(({ message }) => message.i === 20));
    expect(after.gateway.devicesView()[0]).toMatchObject({ epoch, missing: 0, repeats: 0 });
    expect(after.messages[0].seq).toBe(next);
  });

  test("a port that is gone for a while is opened again when it comes back", async () => {
    const link = join(folder(), "tty");
    const hearing = hearOnCable(link, 115_200, patient);
    const board = new PtyBoard({ id: "ear-1", bundle: counter, config: { interval: 0, grace: 0 }, link });
    toStop.push(() => board.stop());
    await board.start();
    expect((await hearing).hello.id).toBe("ear-1");
  });

  const instead = [
    [
      "an exception",
      `setInterval(function () { later() }, 20)`,
      /the program stopped with Uncaught ReferenceError: "later" is not defined at ear-1\.js:1:27/,
    ],
    [
      "the loader's complaint",
      `setInterval(function () { print("bowline: 3 starts failed; wait") }, 20)`,
      /the board says "bowline: 3 starts failed; wait"/,
    ],
    [
      "other text",
      `setInterval(function () { print("Hello from 1998") }, 20)`,
      /at its prompt, and says "Hello from 1998/,
    ],
    ["nothing", `E.setConsole(null, { force: true })`, /nothing came$/],
  ] as const;
  test.each(instead)("%s instead of a hello is told", async (_, program, words) => {
    const link = await cableBoard(`${program}\n`);
    await failureInWords(words, async (timeoutMs) => {
      const error = await failure(hearOnCable(link, 115_200, { timeoutMs, signal: never }));
      expect(error).toMatchObject({
        code: "NO_HELLO",
        exitCode: 6,
        mend: expect.stringContaining("--restore"),
      });
      return error;
    });
  });

  test("it can be called off, and the port is free afterwards", async () => {
    const pty = await openPty();
    toStop.push(() => pty.close());
    const called = new AbortController();
    const hearing = hearOnCable(pty.path, 115_200, { timeoutMs: PATIENCE_MS, signal: called.signal });
    pty.onData(() => {});
    called.abort();
    await expect(hearing).rejects.toMatchObject({ name: "AbortError" });
    await failure(hearOnCable(pty.path, 115_200, { timeoutMs: 1, signal: never }));
  });
});

test("a port that never comes is told as not found", async () => {
  const path = join(folder(), "none");
  const error = await failure(hearOnCable(path, 115_200, { timeoutMs: 300, signal: never }));
  expect(error).toMatchObject({ code: "SERIAL_NOT_FOUND", exitCode: 3 });
});

describe("on the network", () => {
  function tcpBoard(id: string, port: number, config: object = {}): void {
    const transport = { kind: "tcp", host: "127.0.0.1", port } as const;
    const board = new SimulatedBoard({
      id,
      bundle: counter,
      transport,
      config: { interval: 0, grace: 0, ...config },
    });
    toStop.push(() => board.stop());
    board.start();
  }

  test("the board that is waited for is heard, with its key, among others", async () => {
    const port = await freePort();
    const key = openKeys(join(folder(), "data")).draw("ear-2").toString("base64");
    tcpBoard("ear-1", port);
    tcpBoard("ear-2", port, { key });
    const heard = await hearOnNetwork("ear-2", { host: "127.0.0.1", port }, patient);
    expect(heard).toMatchObject({
      hello: { id: "ear-2", seq: 1 },
      via: expect.stringMatching(/^tcp 127\.0\.0\.1:/),
    });
  });

  test("only others are named, and a stranger is none of them", async () => {
    const port = await freePort();
    tcpBoard("ear-1", port);
    await failureInWords(/only other boards said hello: ear-1$/, async (timeoutMs) => {
      const hearing = hearOnNetwork("ear-9", { host: "127.0.0.1", port }, { timeoutMs, signal: never });
      await until(() => {
        const socket = connect(port, "127.0.0.1").on("error", () => {});
        socket.end("GET / HTTP/1.1\r\n\r\n");
      });
      return failure(hearing);
    });
  });

  test("an address that is taken is told, with its holder", async () => {
    const gw = await startGateway();
    toStop.push(() => gw.stop());
    const error = await failure(hearOnNetwork("ear-1", { host: "127.0.0.1", port: gw.tcpPort }, patient));
    expect(error.exitCode).toBe(5);
  });
});
