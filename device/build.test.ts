import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildDevice } from "./build.mjs";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bowline-device-"));
  write("device/espruino.d.ts", "declare const E: { reboot(): void };");
  write("shared/empty.ts", "");
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function build(options: object = {}) {
  const { outfile } = await buildDevice({ root, quiet: true, ...options });
  return readFileSync(outfile, "utf8");
}

/** A library that declares `Window` inside, `Handler` for the author. */
function writeLibrary() {
  write(
    "shared/window.ts",
    `export interface Handler { onArrival(n: number): void }
     export interface Window { watermark: number; seq: number; handler: Handler }
     export function createWindow(handler: Handler): Window { return { watermark: 7, seq: 8, handler: handler } }
     export function advance(w: Window): void { w.watermark++; w.handler.onArrival(w.watermark + w.seq) }`,
  );
  write(
    "device/bowline.ts",
    `import { type Handler, advance, createWindow } from "../shared/window.ts";
     export type { Handler } from "../shared/window.ts";
     export function start(handler: Handler): void { advance(createWindow(handler)) }`,
  );
}

test("buildDevice() shortens the library's inner names, not those of messages, of its API and of the author", async () => {
  writeLibrary();
  write(
    "device/main.ts",
    `import { start } from "./bowline.ts";
     start({ onArrival: function (n) { print(JSON.stringify({ watermark: n })) } });`,
  );
  const code = await build();
  expect(code.match(/watermark/g)).toEqual(["watermark"]);
  expect(code).toMatch(/JSON\.stringify\(\{watermark:\w\}\)/);
  expect(code).toContain("seq:8");
  const printed: string[] = [];
  new Function("print", code)((text: string) => printed.push(text));
  expect(printed).toEqual(['{"watermark":16}']);
});

test("buildDevice() names the bundle after its program", async () => {
  write("device/examples/blind.ts", "print(1)");
  const { outfile, bytes, inputs } = await buildDevice({
    root,
    entry: "device/examples/blind.ts",
    quiet: true,
  });
  expect(outfile).toBe(join(root, "dist/device/blind.js"));
  expect(bytes).toBe(readFileSync(outfile).length);
  expect(inputs).toEqual([join(root, "device/examples/blind.ts")]);
});

test("buildDevice() refuses a program that reaches past bowline.ts into the library", async () => {
  writeLibrary();
  write(
    "device/main.ts",
    `import { advance } from "../shared/window.ts"; import "./bowline.ts"; print(advance)`,
  );
  await expect(build()).rejects.toThrow(
    /shared\/window\.ts is inside the library: .*main\.ts:1: .*; import from "bowline"$/,
  );
});

test.each([
  ["const { a } = global; print(a)", /destructuring is not available on the board: .*device\/main\.ts:2: /],
  [
    "function f(a = 1) { return a } f()",
    /default arguments are not available on the board: .*device\/main\.ts:2: /,
  ],
  [
    "for (let i = 0; i < 3; i++) setTimeout(() => print(i), 9)",
    /closures share the loop's i: .*device\/main\.ts:2: /,
  ],
])("buildDevice() tells where %j leaves the dialect", async (line, message) => {
  write("device/main.ts", `print("a line before");\n${line};`);
  await expect(build()).rejects.toThrow(message);
});

test("buildDevice() tells what a cold function must not have as a fault of the program", async () => {
  write("device/main.ts", `function f(a) { "cold"; return /^a*/.test(a) } print(f("a"))`);
  await expect(build()).rejects.toMatchObject({
    code: "APP_REFUSED",
    message: expect.stringMatching(/end a comment: `return\/\^a\*\/\.test.*`; leave out "cold"/),
  });
});

test("buildDevice() finds the line of a fault inside the library", async () => {
  writeLibrary();
  write(
    "shared/window.ts",
    `${readFileSync(join(root, "shared/window.ts"))}\nexport const late = new Map();`,
  );
  write(
    "device/bowline.ts",
    `${readFileSync(join(root, "device/bowline.ts"))}\nexport { late } from "../shared/window.ts";`,
  );
  write("device/main.ts", `import { late } from "./bowline.ts"; print(late)`);
  await expect(build()).rejects.toThrow(/Map is neither .*: .*shared\/window\.ts:5: /);
});

test("buildDevice() refuses a bundle over its budget, and writes nothing", async () => {
  write("device/main.ts", `print("${"x".repeat(1500)}")`);
  await expect(build({ budget: 1024 })).rejects.toThrow(
    /main\.ts: 1 5\d\d bytes, the firmware with it; allowed: 1 024$/,
  );
  expect(() => readFileSync(join(root, "dist/device/firmware.js"))).toThrow();
});
