/** What root leaves in the data folder of a gateway that runs as another user, as a service does: nothing that it cannot read. */
import { chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { storeBackup } from "../flash/backup.ts";
import { keepLastPort } from "./flash/last-port.ts";
import { runVerb } from "./testing/run-verb.ts";

const service = { uid: 12_345, gid: 12_346 };
let data = "";

/** Of everything below, and of the folder itself. */
const owners = () =>
  ["", ...(readdirSync(data, { recursive: true }) as string[])].sort().map((name) => {
    const { uid, gid } = lstatSync(join(data, name));
    return [name, uid, gid];
  });
const all = (...names: string[]) => ["", ...names].map((name) => [name, service.uid, service.gid]);

describe.skipIf(process.geteuid?.() !== 0)("as root (needs root)", () => {
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "bowline-root-"));
    chownSync(data, service.uid, service.gid);
  });
  afterEach(() => rmSync(data, { recursive: true, force: true }));

  test("keys of boards and of gateways are the service's", async () => {
    const alone = ["--set", `data=${data}`, "--set", "http.enabled=false"];
    expect((await runVerb(["key", "add", "b-1", ...alone])).code).toBe(0);
    expect((await runVerb(["key", "add", "b-1", "--replace", ...alone])).code).toBe(0);
    expect((await runVerb(["key", "add", "42", "--peer", ...alone])).code).toBe(0);
    expect(owners()).toEqual(all("keys", "keys/b-1.key", "peer-keys", "peer-keys/42.key"));
    expect(statSync(join(data, "keys")).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, "keys/b-1.key")).mode & 0o777).toBe(0o600);
  });

  test("what flashing keeps is the service's", async () => {
    const held = { format: 1, board: "PICO", serial: "1", espruino: "2v29", at: "2026", files: {} } as const;
    await storeBackup(join(data, "backups"), held);
    await keepLastPort(data, "/dev/serial/by-id/usb-1");
    expect(owners()).toEqual(all("backups", "backups/1-0001.json", "flash.json"));
  });

  test("a data folder that is made is whose the folder around it is", async () => {
    await keepLastPort(join(data, "a/b"), "/dev/ttyUSB0");
    expect(owners()).toEqual(all("a", "a/b", "a/b/flash.json"));
  });

  test("up is refused, and leaves nothing", async () => {
    mkdirSync(join(data, "keys"));
    chownSync(join(data, "keys"), service.uid, service.gid);
    const { code, err } = await runVerb(["up", "--set", `data=${data}`]);
    expect(code).toBe(4);
    expect(err.join("\n")).toContain(
      `using the data folder ${data} as root: it is user 12345's, whose gateway could not read what root leaves there [DATA_FOLDER]`,
    );
    expect(err.join("\n")).toMatch(/sudo -u '#12345' (npx )?bowline up/);
    expect(owners()).toEqual(all("keys"));
  });
});
