import { mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { isPtyAvailable, openPty, type Pty } from "./pty.ts";
import { recorder } from "./recorder.ts";
import { SerialPortKeeper } from "./serial-port-keeper.ts";
import { SilenceLadder } from "./silence-ladder.ts";
import type { Transport } from "./transport.ts";

describe.skipIf(!isPtyAvailable())("on pseudo-terminals (sudo apt-get install bsdutils)", () => {
  const ptys: Pty[] = [];
  let directory: string;
  let path: string;
  let keeper: SerialPortKeeper;

  /** A board is plugged in: the name leads to a new device. */
  async function plug(): Promise<Pty> {
    const pty = await openPty();
    ptys.push(pty);
    await symlink(pty.path, `${path}.new`);
    await rename(`${path}.new`, path);
    return pty;
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "bowline-keeper-"));
    path = join(directory, "usb-board");
  });
  afterEach(async () => {
    await keeper.stop();
    for (const pty of ptys.splice(0)) await pty.close();
    await rm(directory, { recursive: true });
  });

  function keep() {
    const seen = recorder();
    const waiting: string[] = [];
    const openings: Transport[] = [];
    keeper = new SerialPortKeeper({
      path,
      baud: 115200,
      resetOnOpen: "never",
      ladder: new SilenceLadder([], 0),
      onWaiting: (error) => waiting.push(error.code),
      onTransport(transport) {
        transport.start(seen);
        openings.push(transport);
        return () => 0;
      },
      onStep() {},
      onStepFailed() {},
      onHeardAgain() {},
    });
    keeper.start();
    const opening = (count: number) => until(() => openings.length === count);
    return { seen, waiting, opening };
  }

  test("a board unplugged and plugged elsewhere is back, by the same name", async () => {
    const first = await plug();
    const { seen, waiting, opening } = keep();
    await opening(1);
    first.write(Uint8Array.of(1));
    await seen.until(({ bytes }) => bytes.length === 1);

    await rm(path); // as udev does; the number of the pseudo-terminal may soon be another's
    await first.close();
    await until(() => waiting.length > 0);
    const second = await plug();
    await opening(2);
    second.write(Uint8Array.of(2));
    await seen.until(({ bytes }) => bytes.length === 2);
    expect(seen.bytes).toEqual([1, 2]);
    expect(waiting).toEqual(["SERIAL_NOT_FOUND"]);
  });

  test("a name that leads elsewhere, its old device still alive, is followed", async () => {
    await plug();
    const { seen, opening } = keep();
    await opening(1);
    const second = await plug();
    await opening(2);
    second.write(Uint8Array.of(2));
    await seen.until(({ bytes }) => bytes.length === 1);
    expect(seen).toMatchObject({ bytes: [2], closings: ["the path leads to another device, or to none"] });
  });
});
