/** A port lent to another program and given back, on a real pseudo-terminal and over the real HTTP server. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { GatewayClient } from "./cli/gateway/client.ts";
import { lendPort } from "./cli/gateway/lend-port.ts";
import { HttpServer } from "./http/server.ts";
import type { Log } from "./platform/log.ts";
import { until } from "./platform/testing/until.ts";
import { BoardClient } from "./testing/board-client.ts";
import { folderForEach } from "./testing/folders.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { ptyWire } from "./testing/pty-wire.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { isPtyAvailable, openPty, type Pty } from "./transports/pty.ts";
import { recorder } from "./transports/recorder.ts";
import { openSerial } from "./transports/serial-transport.ts";

const token = "control-token-0123456789";
const never = new AbortController().signal;
const folder = folderForEach("lending");
const toStop = stopAfterEach();

/** A gateway with one cable, its API, and a board on the cable that has said hello. */
class House {
  readonly lines: string[] = [];
  readonly log: Log;
  readonly board = new BoardClient({ id: "cable-1", hasLink: true });
  sent = 0;
  gw!: TestGateway;
  server!: HttpServer;
  client!: GatewayClient;
  uart!: ReturnType<typeof ptyWire>;

  private constructor(readonly pty: Pty) {
    const tell = (_fields: object, text: string) => void this.lines.push(text);
    this.log = { debug() {}, info: tell, warn: tell, error: tell };
  }

  static async build(): Promise<House> {
    const house = new House(await openPty());
    const { pty, log, board } = house;
    toStop.push(() => pty.close());
    house.gw = await startGateway([`serial.0.path=${pty.path}`], log);
    toStop.push(() => house.gw.stop());
    const about = { id: "gw-test", version: "0", store: "memory" } as const;
    const { gateway } = house.gw;
    const place = { host: "127.0.0.1", port: 0, pageDir: join(tmpdir(), "bowline-no-page") };
    house.server = new HttpServer({ gateway, about, ...place, tokens: [{ role: "control", token }], log });
    const { host, port } = await house.server.start();
    toStop.push(() => house.server.stop());
    house.client = new GatewayClient({ url: new URL(`http://${host}:${port}/`), token }, never);
    house.uart = ptyWire(pty);
    await until(() => house.view.open);
    toStop.push(() => board.detach());
    board.attach(house.uart());
    house.say(20);
    await until(() => house.heard.length > 10);
    return house;
  }

  get view() {
    return this.gw.gateway.serialView()[0];
  }

  get heard() {
    return this.gw.messages.map(({ message }) => message.i);
  }

  say(count: number): void {
    for (let i = 0; i < count; i++) this.board.send(JSON.stringify({ ot: "l:n", i: this.sent++ }));
  }

  /** Everything the board ever said, once and in order, in one session. */
  async everythingArrived(): Promise<void> {
    await until(() => this.heard.length >= this.sent);
    expect(this.heard).toEqual(Array.from({ length: this.sent }, (_, i) => i));
    expect(this.gw.gateway.devicesView()[0]).toMatchObject({ connected: true, sessions: 1, missing: 0 });
  }
}

describe.skipIf(!isPtyAvailable())("needs script: sudo apt-get install bsdutils", () => {
  test("a lent port is another program's alone, and afterwards the board's session goes on with nothing lost", async () => {
    const house = await House.build();
    const alias = join(folder(), "usb-board");
    await symlink(house.pty.path, alias);

    const loan = await lendPort(house.client, alias, "bowline flash, pid 812", never);
    expect(loan).toMatchObject({ path: house.pty.path, baud: 115_200 });
    expect(house.view).toMatchObject({ open: false, state: "lent", lent: { to: "bowline flash, pid 812" } });
    expect(house.gw.gateway.devicesView()[0]).toMatchObject({ connected: false, sessions: 1 });
    // serialport locks: it opens only because nobody else has it open.
    const borrowed = await openSerial({ path: house.pty.path, baud: 115_200, resetOnOpen: "never" });
    const seen = recorder();
    borrowed.start(seen);
    house.board.detach();
    house.pty.write(Buffer.from(">"));
    await seen.until(({ bytes }) => bytes.includes(0x3e));
    house.say(20); // while it is away
    borrowed.close();
    await borrowed.closed;

    loan.giveBack();
    await loan.over;
    await until(() => house.view.open);
    house.board.attach(house.uart());
    house.say(20);
    await house.everythingArrived();
    expect(house.view).toMatchObject({ state: "speaking", lent: null });
    expect(house.lines.filter((line) => /^(lent|given)/.test(line))).toEqual([
      "lent to bowline flash, pid 812",
      expect.stringMatching(/^given back after \d+ s$/),
    ]);
  });

  test("a borrower that is killed has given it back", async () => {
    const house = await House.build();
    const borrower = await startBorrower(house);
    expect(house.view.state).toBe("lent");
    borrower.kill("SIGKILL");
    await until(() => house.view.open);
    house.board.attach(house.uart());
    house.say(20);
    await house.everythingArrived();
  });

  test("it is lent to one at a time, by the name of a port that the gateway keeps", async () => {
    const house = await House.build();
    const borrow = (path: string, to: string) => lendPort(house.client, path, to, never);
    const both = await Promise.allSettled([borrow(house.pty.path, "one"), borrow(house.pty.path, "two")]);
    const [refused] = both.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused?.reason).toMatchObject({ code: "PORT_LENT", exitCode: 5 });
    await expect(borrow("/dev/null", "three")).rejects.toMatchObject({ code: "PORT_UNKNOWN", exitCode: 3 });
    const [lent] = both.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    lent.giveBack();
    await until(() => house.view.open);
    const again = await borrow(house.pty.path, "four");
    again.giveBack();
  });

  test("a gateway that stops while a port is lent ends the loan and leaves the port alone", async () => {
    const house = await House.build();
    const loan = await lendPort(house.client, house.pty.path, "one", never);
    await house.gw.gateway.stop();
    await house.server.stop();
    await loan.over;
    expect(house.view.open).toBe(false);
    const own = await openSerial({ path: house.pty.path, baud: 115_200, resetOnOpen: "never" });
    own.close();
    await own.closed;
  });

  test("who is interrupted keeps what it has borrowed, and waits for nothing more", async () => {
    const house = await House.build();
    const interrupt = new AbortController();
    const loan = await lendPort(house.client, house.pty.path, "one", interrupt.signal);
    interrupt.abort();
    expect((await house.client.get("api/v1/ports")) as object).toMatchObject({
      serial: [{ state: "lent" }],
    });
    const late = lendPort(house.client, house.pty.path, "two", interrupt.signal);
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
    expect(house.view.lent?.to).toBe("one");
    loan.giveBack();
    await until(() => house.view.open);
  });
});

/** A process of its own that borrows the port, and does nothing with it. */
async function startBorrower({ client, pty }: House): Promise<ChildProcess> {
  const url = new URL("api/v1/ports/lend", client.place.url);
  const program = `fetch(${JSON.stringify(url)}, {
    method: "POST", headers: { authorization: "Bearer ${token}" }, body: JSON.stringify({ path: "${pty.path}" }),
  }).then((response) => response.body.getReader().read()).then(() => { console.log("lent"); setInterval(() => {}, 1e6); })`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  toStop.push(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}
