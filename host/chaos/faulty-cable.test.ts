import { lstatSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { makeSocket } from "../testing/special-files.ts";
import { isPtyAvailable } from "../transports/pty.ts";
import { type Fate, FaultPlan, harmless } from "./fault-plan.ts";
import { FaultyCable, type FaultyCableOptions } from "./faulty-cable.ts";

let folder: string;
let link: string;
let cable: FaultyCable;
let cuts: number;
/** What the port's opener read. */
let read: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-cable-"));
  link = join(folder, "board.tty");
  cuts = 0;
  read = "";
});

afterEach(async () => {
  await cable.stop();
  rmSync(folder, { recursive: true });
});

function planOf(...fates: Partial<Fate>[]): FaultPlan {
  const plan = new FaultPlan(5, 1000);
  plan.next = () => ({ ...harmless, ...fates.shift() });
  return plan;
}

async function plugIn(plan: FaultPlan, options: Partial<FaultyCableOptions> = {}): Promise<void> {
  const onFault = (error: unknown) => {
    throw error;
  };
  const onCut = () => cuts++;
  cable = new FaultyCable({ link, plan, noise: { rate: 0 }, mayCut: () => true, onCut, onFault, ...options });
  await cable.start();
}

interface OpenPort {
  write(text: string): Promise<unknown>;
  /** The terminal has hung up. */
  gone: Promise<void>;
}

/** Opens the port, as a gateway does, and reads until the terminal hangs up. */
async function openPort(): Promise<OpenPort> {
  const file = await open(link, "r+");
  const reading = async () => {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096);
      if (bytesRead === 0) return;
      read += buffer.toString("latin1", 0, bytesRead);
    }
  };
  // EIO: unplugged.
  const gone = reading()
    .catch(() => {})
    .then(() => file.close());
  return { write: (text) => file.write(Buffer.from(text, "latin1")), gone };
}

describe.skipIf(!isPtyAvailable())("a cable (needs script: sudo apt-get install bsdutils)", () => {
  test("what stands where its link is to be stays", async () => {
    makeSocket(link);
    await expect(plugIn(planOf())).rejects.toMatchObject({ code: "PATH_TAKEN" });
    await cable.stop();
    expect(lstatSync(link).isSocket()).toBe(true);
  });

  test("without noise every byte passes, both ways", async () => {
    await plugIn(planOf());
    let toBoard = "";
    cable.onData((bytes) => {
      toBoard += Buffer.from(bytes).toString("latin1");
    });
    const port = await openPort();
    cable.write(Buffer.from("up \xc0\xdb\x00", "latin1"));
    await port.write("down \xff");
    await until(() => expect([read, toBoard]).toEqual(["up \xc0\xdb\x00", "down \xff"]));
  });

  test("a cut loses a run of bytes from exactly the byte of its fate on", async () => {
    // position · 400 bytes are lost.
    await plugIn(planOf({ bytes: 5, position: 0.05 }));
    await openPort();
    cable.write(Buffer.from(`01234${"x".repeat(7)}`));
    cable.write(Buffer.from(`${"x".repeat(13)}then`));
    await until(() => expect(read).toBe("01234then"));
    expect(cuts).toBe(1);
  });

  test("a run that ends within the bytes it struck leaves what comes behind it", async () => {
    await plugIn(planOf({ bytes: 5, position: 0.05 }));
    await openPort();
    cable.write(Buffer.from(`01234${"x".repeat(20)}then`));
    await until(() => expect(read).toBe("01234then"));
  });

  test("now and then the plug is pulled and put in again: the port hangs up and comes back under the same name", async () => {
    await plugIn(planOf({ bytes: 3, position: 0.01 }));
    const port = await openPort();
    cable.write(Buffer.from("0123"));
    await port.gone;
    await until(() => expect(readlinkSync(link)).toMatch(/^\/dev\/pts\//));
    await openPort();
    read = "";
    cable.write(Buffer.from("again"));
    await until(() => expect(read).toBe("again"));
    expect([cuts, cable.counts.unplugged]).toEqual([1, 1]);
  });

  test("noise hits as many bytes as its rate says, and none once the cable is healed", async () => {
    await plugIn(planOf(), { noise: { rate: 0.03 } });
    for (let i = 0; i < 100; i++) cable.write(new Uint8Array(100));
    const { dropped, inserted, flipped } = cable.counts;
    for (const hits of [dropped, inserted, flipped]) expect(hits).toBeGreaterThan(60);
    expect(dropped + inserted + flipped).toBeLessThan(400);
    cable.heal();
    cable.write(new Uint8Array(10_000));
    expect(cable.counts).toMatchObject({ bytes: 20_000, dropped, inserted, flipped });
  });

  test("where no cut is allowed any more, none happens", async () => {
    await plugIn(planOf({ bytes: 1, position: 0.5 }), { mayCut: () => false });
    await openPort();
    cable.write(Buffer.from("all of it"));
    await until(() => expect(read).toBe("all of it"));
  });
});
