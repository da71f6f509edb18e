import { existsSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import { isPtyAvailable, openPty, type Pty } from "./pty.ts";
import { recorder } from "./recorder.ts";
import { openSerial } from "./serial-transport.ts";

const allBytes = Uint8Array.from({ length: 256 }, (_, i) => i);

const ptys: Pty[] = [];
async function newPty(): Promise<Pty> {
  const pty = await openPty();
  ptys.push(pty);
  return pty;
}
afterEach(async () => {
  for (const pty of ptys.splice(0)) await pty.close();
});

test.each(["no-such-program", "true"])(
  "openPty() by %s says how to get script, or to do without",
  async (command) => {
    const refused = openPty(command);
    await expect(refused).rejects.toMatchObject({
      code: "PTY_UNAVAILABLE",
      exitCode: ExitCode.notFound,
      mend: "sudo apt-get install bsdutils",
    });
    await expect(refused).rejects.toThrow("--tcp");
  },
);

describe.skipIf(!isPtyAvailable())("with script (sudo apt-get install bsdutils)", () => {
  test("every byte value passes both ways", async () => {
    const pty = await newPty();
    const port = await openSerial({ path: pty.path, baud: 115200, resetOnOpen: "never" });
    const inside = recorder();
    const outside = recorder();
    pty.onData(inside.onChunk);
    port.start(outside);
    port.write(allBytes);
    pty.write(allBytes);
    await inside.until(({ bytes }) => bytes.length === 256);
    await outside.until(({ bytes }) => bytes.length === 256);
    expect([inside.bytes, outside.bytes]).toEqual([[...allBytes], [...allBytes]]);
    port.close();
    await port.closed;
  });

  test("bytes written before the listener wait for it", async () => {
    const pty = await newPty();
    const port = await openSerial({ path: pty.path, baud: 115200, resetOnOpen: "never" });
    port.start(recorder());
    port.write(allBytes);
    port.close();
    await port.closed;
    const inside = recorder();
    pty.onData(inside.onChunk);
    await inside.until(({ bytes }) => bytes.length === 256);
    expect(inside.bytes).toEqual([...allBytes]);
  });

  test("close() leaves no process, and is harmless twice", async () => {
    const pty = await newPty();
    const [inside] = readFileSync(`/proc/${pty.pid}/task/${pty.pid}/children`, "utf8").trim().split(" ");
    expect(readFileSync(`/proc/${inside}/cmdline`, "utf8")).toContain(`--pid=${process.pid}`);
    await pty.close();
    await pty.close();
    await gone(Number(inside));
    expect(existsSync(`/proc/${pty.pid}`)).toBe(false);
  });
});

/** Resolves when the process has ended; one that init has not yet collected counts as ended. */
async function gone(pid: number): Promise<void> {
  const state = () =>
    existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1][0] : "";
  while (!["", "Z", "X"].includes(state())) await new Promise((resolve) => setImmediate(resolve));
}
