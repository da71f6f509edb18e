/** The commands of documents that a machine of the tests cannot run, why, and what is looked at in their place. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { UNIT_PATH } from "../../host/service/install-place.ts";
import { root } from "./page.ts";

interface NotRun {
  command: RegExp;
  why: string;
  /** What is wrong with it; undefined: nothing is. */
  fault: (line: string) => string | undefined;
}

/** Packages that only documents name. */
const packagesBeyondTests = new Set(["nodejs", "npm", "git"]);
const systemctlVerbs = new Set(["status", "start", "stop", "restart", "reload", "edit", "enable", "disable"]);

export const notRunHere: NotRun[] = [
  {
    command: /^sudo (apt|apt-get) install /,
    why: "takes root, and a network",
    fault: (line) => {
      const ci = readFileSync(join(root, ".ci/run"), "utf8");
      const known = new Set([...ci.matchAll(/:([\w-]+)/g)].map(([, name]) => name));
      const named = line.split(" install ")[1].split(" ");
      const own = /^\.\/bowline_\d+\.\d+\.\d+_(amd64|arm64|armhf)\.deb$/;
      const strange = named.find(
        (name) => !known.has(name) && !packagesBeyondTests.has(name) && !own.test(name),
      );
      return strange && `no package of the tests: ${strange}`;
    },
  },
  {
    command: /^(sudo )?systemctl /,
    why: "takes a systemd with our service",
    fault: (line) => {
      const [verb, unit, ...more] = line.replace(/^(sudo )?systemctl (--now )?/, "").split(" ");
      if (!systemctlVerbs.has(verb)) return `no verb of the documents: ${verb}`;
      return unit === unitName() && more.length === 0 ? undefined : `the unit is ${unitName()}`;
    },
  },
  {
    command: /^journalctl /,
    why: "takes a systemd with our service",
    fault: (line) => (line.split(" ").includes(unitName()) ? undefined : `the unit is ${unitName()}`),
  },
  {
    command: /^sudo npm install --global "\$\(npm pack\)"$/,
    why: "takes root, and changes the machine",
    // It is what `install` tells who has it nowhere else.
    fault: (line) =>
      readFileSync(join(root, "dist/bowline.mjs"), "utf8").includes(line.replaceAll('"', '\\"')) ||
      readFileSync(join(root, "dist/bowline.mjs"), "utf8").includes(line)
        ? undefined
        : "bowline install tells another one",
  },
  {
    command: /^sudo bowline install$/,
    why: "takes root, and a systemd; --dry-run, which is run, shows what it does",
    fault: () => undefined,
  },
  {
    command: /^npm run setup && node packaging\/deb\.mjs/,
    why: "takes a minute; packaging/deb.test.ts runs it and looks into what it makes",
    fault: (line) => {
      const missing = line.match(/\S+\.mjs/g)?.find((file) => !existsSync(join(root, file)));
      return missing && `not there: ${missing}`;
    },
  },
  {
    command: /^docker compose -f /,
    why: "takes Docker; packaging/container.test.ts reads the file",
    fault: (line) => {
      const [, file] = / -f (\S+) up -d$/.exec(line) ?? [];
      return file !== undefined && existsSync(join(root, file)) ? undefined : `not there: ${file}`;
    },
  },
  {
    command: /^sudo install -m 640 -g prometheus /,
    why: "takes root, and the group of Prometheus",
    fault: (line) => {
      const wanted = /credentials_file: (\S+)/.exec(
        readFileSync(join(root, "monitoring/prometheus.yml"), "utf8"),
      );
      return line.endsWith(` ${wanted?.[1]}`) ? undefined : `monitoring/prometheus.yml reads ${wanted?.[1]}`;
    },
  },
  {
    command: /^sudo usermod -aG dialout /,
    why: "takes root, and changes the machine",
    // It is what doctor tells.
    fault: () =>
      readFileSync(join(root, "dist/bowline.mjs"), "utf8").includes("usermod -aG ")
        ? undefined
        : "doctor does not tell it",
  },
];

/** The unit that `bowline install` writes. */
const unitName = () => basename(UNIT_PATH, ".service");

/** What is wrong with a command that is not run here: with its shape, or by its own check. */
export function faultOf({ fault }: NotRun, line: string): string | undefined {
  const { status, stderr } = spawnSync("sh", ["-n"], { input: line, encoding: "utf8" });
  return status === 0 ? fault(line.replace(/ +#.*$/, "").trim()) : stderr;
}
