/** What makes the gateway a service, step by step: each knows whether it is done, what does it, and what takes it back. */
import { chmod, mkdir, rmdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { FIRST_CONFIG } from "./first-config.ts";
import { CONFIG_PATH, DATA_PATH, type Tree, UNIT_PATH, WANTED_PATH } from "./install-place.ts";
import { SERVICE_USER, UNIT_MARK } from "./unit-file.ts";

export interface Step {
  /** What it makes, in words. */
  makes: string;
  /** What it does, as a person would type it, or the file it writes. */
  shown: string[];
  isDone(): Promise<boolean>;
  apply(): Promise<void>;
  /** What was taken back, or why it stays; undefined where there was nothing. Leaves what people have made. */
  undo(): Promise<string | undefined>;
}

/** Runs a program of the machine; rejects when it fails. */
export type RunCommand = (command: string, ...args: string[]) => Promise<void>;

/** In their order; taken back from the end. */
export function installSteps(tree: Tree, unit: string, run: RunCommand): Step[] {
  // Users of a tree that is no machine yet are made where it becomes one (packaging/deb).
  const user = tree.isLive ? [userStep(tree, run)] : [];
  return [...user, configStep(tree, run), unitStep(tree, unit, run), ...startSteps(tree, run)];
}

function userStep(tree: Tree, run: RunCommand): Step {
  const command = [
    ...["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", DATA_PATH],
    ...["--shell", "/usr/sbin/nologin", SERVICE_USER],
  ];
  const isDone = () => tree.knows("/etc/passwd", SERVICE_USER);
  return {
    makes: `user ${SERVICE_USER}`,
    shown: [command.join(" ")],
    isDone,
    apply: () => run(command[0], ...command.slice(1)),
    async undo() {
      if (!(await isDone())) return undefined;
      if (await tree.has(DATA_PATH)) return `user ${SERVICE_USER} stays: ${DATA_PATH} is its`;
      await run("userdel", SERVICE_USER);
      return `user ${SERVICE_USER} removed`;
    },
  };
}

function configStep(tree: Tree, run: RunCommand): Step {
  const folder = dirname(CONFIG_PATH);
  return {
    makes: `configuration ${CONFIG_PATH}`,
    shown: [`${CONFIG_PATH} (never written over):`, ...FIRST_CONFIG.trimEnd().split("\n").map(indented)],
    isDone: () => tree.has(CONFIG_PATH),
    async apply() {
      await makeFolder(tree, folder);
      // It may come to name what others should not know. "wx": never over one that somebody makes meanwhile.
      await writeFile(tree.at(CONFIG_PATH), FIRST_CONFIG, { mode: 0o640, flag: "wx" });
      await chmod(tree.at(CONFIG_PATH), 0o640);
      if (tree.isLive) await run("chgrp", SERVICE_USER, CONFIG_PATH);
    },
    async undo() {
      const text = await tree.read(CONFIG_PATH);
      if (text === "") return undefined;
      if (text !== FIRST_CONFIG) return `${CONFIG_PATH} stays: it was changed`;
      await tree.remove(CONFIG_PATH);
      await rmdir(tree.at(folder)).catch(ignoreFull);
      return `${CONFIG_PATH} removed`;
    },
  };
}

function unitStep(tree: Tree, unit: string, run: RunCommand): Step {
  const reload = async () => {
    if (tree.isLive) await run("systemctl", "daemon-reload");
  };
  const isOurs = (text: string) => text.startsWith(UNIT_MARK);
  return {
    makes: `unit ${UNIT_PATH}`,
    shown: [
      `${UNIT_PATH}:`,
      ...unit.trimEnd().split("\n").map(indented),
      ...(tree.isLive ? ["systemctl daemon-reload"] : []),
    ],
    isDone: async () => (await tree.read(UNIT_PATH)) === unit,
    async apply() {
      // A unit that is masked is a link to /dev/null, which is not to be written to.
      if (await tree.isLink(UNIT_PATH)) throw maskedUnit();
      const there = await tree.read(UNIT_PATH);
      if (there !== "" && !isOurs(there)) throw foreignUnit();
      await makeFolder(tree, dirname(UNIT_PATH));
      await writeFile(tree.at(UNIT_PATH), unit, { mode: 0o644 });
      await chmod(tree.at(UNIT_PATH), 0o644);
      await reload();
    },
    async undo() {
      if (await tree.isLink(UNIT_PATH)) return `${UNIT_PATH} stays: it was not made by bowline install`;
      const there = await tree.read(UNIT_PATH);
      if (there === "") return undefined;
      if (!isOurs(there)) return `${UNIT_PATH} stays: it was not made by bowline install`;
      await tree.remove(UNIT_PATH);
      await reload();
      return `${UNIT_PATH} removed`;
    },
  };
}

/** In a tree it is only enabled, as systemctl does it. */
function startSteps(tree: Tree, run: RunCommand): Step[] {
  const enable: Step = {
    makes: "start with the machine",
    shown: [tree.isLive ? "systemctl enable bowline" : `ln -s ${UNIT_PATH} ${WANTED_PATH}`],
    isDone: () => tree.isLink(WANTED_PATH),
    async apply() {
      if (tree.isLive) return run("systemctl", "enable", "--quiet", "bowline");
      await makeFolder(tree, dirname(WANTED_PATH));
      await symlink(UNIT_PATH, tree.at(WANTED_PATH));
    },
    async undo() {
      if (!(await tree.isLink(WANTED_PATH))) return undefined;
      if (tree.isLive) await run("systemctl", "disable", "--quiet", "bowline");
      else await tree.remove(WANTED_PATH);
      return "starts with the machine no more";
    },
  };
  if (!tree.isLive) return [enable];
  const start: Step = {
    makes: "service bowline",
    shown: ["systemctl restart bowline"],
    // Whatever runs is started anew: what it was started from may have changed.
    isDone: async () => false,
    apply: () => run("systemctl", "restart", "bowline"),
    async undo() {
      if (!(await tree.has(UNIT_PATH))) return undefined;
      await run("systemctl", "stop", "bowline");
      return "service bowline stopped";
    },
  };
  return [enable, start];
}

/** A link of a tree leads to where its target will be, and nowhere as yet. */
/** Those it makes can be entered by all, whatever the umask of who installs: the service is another user. */
async function makeFolder(tree: Tree, path: string): Promise<void> {
  const first = await mkdir(tree.at(path), { recursive: true });
  if (first === undefined) return;
  for (let at = tree.at(path); at.length >= first.length; at = dirname(at)) await chmod(at, 0o755);
}

function ignoreFull(error: NodeJS.ErrnoException): void {
  // Others have files there.
  if (error.code !== "ENOTEMPTY" && error.code !== "ENOENT") throw error;
}

function maskedUnit(): BowlineError {
  const text = `writing ${UNIT_PATH}: it is a link, as systemctl mask and apt remove leave it`;
  return new BowlineError("INSTALL_FOREIGN_UNIT", text, ExitCode.busy, "sudo systemctl unmask bowline");
}

function foreignUnit(): BowlineError {
  const text = `writing ${UNIT_PATH}: there is one that bowline install has not made`;
  const mend = `sudo mv ${UNIT_PATH} ${UNIT_PATH}.old`;
  return new BowlineError("INSTALL_FOREIGN_UNIT", text, ExitCode.busy, mend);
}

const indented = (line: string) => (line === "" ? "" : `  ${line}`);
