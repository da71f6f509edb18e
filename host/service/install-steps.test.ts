import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { CONFIG_PATH, DATA_PATH, Tree, UNIT_PATH, WANTED_PATH } from "./install-place.ts";
import { installSteps } from "./install-steps.ts";
import { UNIT_MARK } from "./unit-file.ts";

/** The machine that runs, as far as the steps see it. */
class FakeMachine extends Tree {
  override get isLive(): boolean {
    return true;
  }
}

const folder = folderForEach("steps");
let tree: Tree;
let ran: string[];
/** What fails, as it begins. */
let broken: string;
const unit = (n = 1) => `${UNIT_MARK} ${n}\n[Service]\n`;

beforeEach(() => {
  tree = new FakeMachine(folder());
  ran = [];
  broken = "none";
  mkdirSync(tree.at("/etc"));
  writeFileSync(tree.at("/etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
});

async function run(...words: string[]): Promise<void> {
  const line = words.join(" ");
  if (line.startsWith(broken)) throw new Error(`${line}: refused`);
  ran.push(line);
  if (words[0] === "useradd") appendFileSync(tree.at("/etc/passwd"), "bowline:x:999:999::/:/bin/false\n");
  if (line.startsWith("systemctl enable")) {
    mkdirSync(dirname(tree.at(WANTED_PATH)), { recursive: true });
    symlinkSync(UNIT_PATH, tree.at(WANTED_PATH));
  }
  if (line.startsWith("systemctl disable")) rmSync(tree.at(WANTED_PATH));
  if (words[0] === "userdel") writeFileSync(tree.at("/etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
}

async function install(text = unit()): Promise<string[]> {
  ran = [];
  for (const step of installSteps(tree, text, run)) if (!(await step.isDone())) await step.apply();
  return ran;
}

async function uninstall(): Promise<(string | undefined)[]> {
  const told = [];
  for (const step of installSteps(tree, unit(), run).reverse()) told.push(await step.undo());
  return told.filter((one) => one !== undefined);
}

test("everything is made, and a second time nothing but the start", async () => {
  expect(await install()).toEqual([
    "useradd --system --user-group --no-create-home --home-dir /var/lib/bowline --shell /usr/sbin/nologin bowline",
    "chgrp bowline /etc/bowline/bowline.yaml",
    "systemctl daemon-reload",
    "systemctl enable --quiet bowline",
    "systemctl restart bowline",
  ]);
  expect(await install()).toEqual(["systemctl restart bowline"]);
});

test("a newer program writes its unit over the older one's, and leaves the configuration", async () => {
  await install();
  writeFileSync(tree.at(CONFIG_PATH), "data: memory\n");
  expect(await install(unit(2))).toEqual(["systemctl daemon-reload", "systemctl restart bowline"]);
  expect(readFileSync(tree.at(UNIT_PATH), "utf8")).toBe(unit(2));
  expect(readFileSync(tree.at(CONFIG_PATH), "utf8")).toBe("data: memory\n");
});

test("what failed is done by the next run", async () => {
  broken = "systemctl enable";
  await expect(install()).rejects.toThrow("refused");
  broken = "none";
  expect(await install()).toEqual(["systemctl enable --quiet bowline", "systemctl restart bowline"]);
});

test("a unit of somebody else is neither written over nor taken away", async () => {
  mkdirSync(dirname(tree.at(UNIT_PATH)), { recursive: true });
  writeFileSync(tree.at(UNIT_PATH), "[Service]\nExecStart=/opt/mine\n");
  await expect(install()).rejects.toMatchObject({ code: "INSTALL_FOREIGN_UNIT", exitCode: 5 });
  expect(await uninstall()).toContain(`${UNIT_PATH} stays: it was not made by bowline install`);
  expect(readFileSync(tree.at(UNIT_PATH), "utf8")).toContain("/opt/mine");
});

test("taken back it is all gone, and a second time there is nothing", async () => {
  await install();
  ran = [];
  expect(await uninstall()).toEqual([
    "service bowline stopped",
    "starts with the machine no more",
    `${UNIT_PATH} removed`,
    `${CONFIG_PATH} removed`,
    "user bowline removed",
  ]);
  expect(ran).toEqual([
    "systemctl stop bowline",
    "systemctl disable --quiet bowline",
    "systemctl daemon-reload",
    "userdel bowline",
  ]);
  expect(existsSync(join(folder(), "etc/bowline"))).toBe(false);
  expect(await uninstall()).toEqual([]);
});

test("data, and a configuration that was changed, stay with their owner", async () => {
  await install();
  mkdirSync(tree.at(DATA_PATH), { recursive: true });
  writeFileSync(tree.at(CONFIG_PATH), "data: /var/lib/bowline\ntcp: { port: 1 }\n");
  const told = await uninstall();
  expect(told).toContain(`${CONFIG_PATH} stays: it was changed`);
  expect(told).toContain("user bowline stays: /var/lib/bowline is its");
  expect(existsSync(tree.at(DATA_PATH))).toBe(true);
  expect(existsSync(tree.at(CONFIG_PATH))).toBe(true);
});

test("a unit that is masked is a link, which nothing is written through", async () => {
  const elsewhere = join(folder(), "null");
  writeFileSync(elsewhere, "");
  mkdirSync(dirname(tree.at(UNIT_PATH)), { recursive: true });
  symlinkSync(elsewhere, tree.at(UNIT_PATH));
  await expect(install()).rejects.toMatchObject({
    ...{ code: "INSTALL_FOREIGN_UNIT", mend: "sudo systemctl unmask bowline" },
  });
  expect(readFileSync(elsewhere, "utf8")).toBe("");
  await uninstall();
  expect(existsSync(tree.at(UNIT_PATH))).toBe(true);
});
