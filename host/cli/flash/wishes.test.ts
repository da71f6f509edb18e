/** What may be asked for together, and the password of the Wi-Fi, which leaves no trace. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import { BowlineError } from "../../platform/errors.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { type FlashOptions, namedBaud, readWishes, refuseTogether, type Wishes } from "./wishes.ts";

const { config } = loadConfig({ env: {}, cwd: "/", home: "/" });
const SECRET = "correct horse";
let terminal: FakeTerminal;
let folder: string;

beforeEach(() => {
  terminal = new FakeTerminal();
  folder = mkdtempSync(join(tmpdir(), "bowline-wishes-"));
  // A bundle, so that nothing has to be built.
  writeFileSync(join(folder, "app.js"), '(function(){var f="bowline 0.1.0"})()');
  terminal.cwd = folder;
});
afterEach(() => rmSync(folder, { recursive: true }));

async function read(options: FlashOptions): Promise<Wishes> {
  refuseTogether(options);
  return readWishes({ app: "app.js", ...options }, config, terminal);
}

async function refusal(options: FlashOptions): Promise<BowlineError> {
  const error = await read(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BowlineError)) throw new Error(`no BowlineError: ${error}`);
  return error;
}

test.each<[FlashOptions, string]>([
  [{ wifi: "house", cable: true }, "--wifi and --cable exclude each other"],
  [{ restore: true, id: "b-1" }, "--restore and --id exclude each other"],
  [{ restore: true, dryRun: true }, "--restore and --dry-run exclude each other"],
  [{ wifiPasswordFile: "f" }, "--wifi-password-file goes with --wifi SSID"],
  [{ gateway: "pi" }, "--gateway goes with --wifi SSID"],
  [{ id: "two words" }, 'reading --id: "two words"; allowed: 1 to 63 letters'],
  [{ interval: "soon" }, 'reading --interval: "soon" is no duration'],
  [{ field: ["grace"] }, 'reading --field: "grace"; allowed: NAME=VALUE'],
  [{ wifi: "" }, "reading --wifi: a name of 0 bytes; allowed: 1 to 32"],
  [{ wifi: "ä".repeat(17) }, "reading --wifi: a name of 34 bytes"],
])("%j is refused with 2", async (options, text) => {
  const error = await refusal(options);
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(text) });
});

test("fields of bowline.json: name, interval, and any other, as JSON or as text", async () => {
  const { fields } = await read({
    id: "b-1",
    interval: "2m",
    field: ["grace=5", "port=Serial2", 'x={"y":[1]}', "z=a=b"],
  });
  expect(fields).toEqual({ id: "b-1", interval: 120, grace: 5, port: "Serial2", x: { y: [1] }, z: "a=b" });
  expect((await read({ interval: "0" })).fields).toEqual({ interval: 0 });
});

test("the console's speed is a number that a port may have", () => {
  expect(namedBaud({})).toBeUndefined();
  expect(namedBaud({ baud: "9600" })).toBe(9600);
  for (const baud of ["0", "fast", "-9600", "99999999"]) expect(() => namedBaud({ baud })).toThrow("--baud");
});

describe("the program", () => {
  test("that is not there ends with 3", async () => {
    expect(await refusal({ app: "gone.ts" })).toMatchObject({ code: "APP_NOT_FOUND", exitCode: 3 });
  });

  test("that a board cannot run ends with 1, in its author's words, before any port is looked for", async () => {
    writeFileSync(
      join(folder, "bad.ts"),
      'import { start } from "bowline";\nconst { a } = { a: 1 };\nprint(a);\nstart();\n',
    );
    const error = await refusal({ app: "bad.ts" });
    expect(error.exitCode).toBe(1);
    expect(error.message).toMatch(/destructuring.*bad\.ts:2/);
  });

  test("is counted from where the command was typed, also when flash.sh has gone elsewhere", async () => {
    terminal.env.INIT_CWD = folder;
    terminal.cwd = "/";
    expect((await read({})).program.name).toBe("app.js");
  });
});

describe("the password of the Wi-Fi", () => {
  const wifi = (more: FlashOptions = {}) => read({ wifi: "house", gateway: "10.0.0.1", ...more });

  test("comes from the environment, a file, or a person, in that order behind the file", async () => {
    terminal.questions = { choose: async () => "", secret: async () => `${SECRET} asked` };
    expect((await wifi()).wifi?.password).toBe(`${SECRET} asked`);
    terminal.env.BOWLINE_WIFI_PASSWORD = `${SECRET} env`;
    expect((await wifi()).wifi?.password).toBe(`${SECRET} env`);
    writeFileSync(join(folder, "pw"), `${SECRET} file\n`);
    expect((await wifi({ wifiPasswordFile: "pw" })).wifi?.password).toBe(`${SECRET} file`);
  });

  test("is never in an error, only its length", async () => {
    terminal.env.BOWLINE_WIFI_PASSWORD = "short";
    const short = await refusal({ wifi: "house", gateway: "10.0.0.1" });
    expect(short).toMatchObject({ code: "WIFI_PASSWORD_INVALID", exitCode: 2 });
    expect(short.message).not.toContain("short");
    expect(short.message).toContain("5 characters; allowed: 8 to 64");
  });

  test("that nobody can be asked for ends with 2; a file that is not there with 3, one that may not be read with 4", async () => {
    expect(await refusal({ wifi: "house", gateway: "10.0.0.1" })).toMatchObject({
      code: "WIFI_PASSWORD_NEEDED",
      exitCode: 2,
    });
    const gone = { wifi: "house", gateway: "10.0.0.1", wifiPasswordFile: "gone" };
    expect(await refusal(gone)).toMatchObject({ code: "WIFI_PASSWORD_UNREADABLE", exitCode: 3 });
    writeFileSync(join(folder, "locked"), SECRET);
    chmodSync(join(folder, "locked"), 0);
    // root reads everything
    if (process.getuid?.() !== 0)
      expect(await refusal({ ...gone, wifiPasswordFile: "locked" })).toMatchObject({ exitCode: 4 });
  });

  test("an open network has none, and the gateway's port is the configured one unless it is said", async () => {
    terminal.env.BOWLINE_WIFI_PASSWORD = "";
    expect((await wifi()).wifi).toEqual({
      ssid: "house",
      password: "",
      address: { host: "10.0.0.1", port: 7700 },
    });
    expect((await wifi({ gateway: "pi.local:7701" })).wifi?.address).toEqual({
      host: "pi.local",
      port: 7701,
    });
  });
});
