/** Completion as the shells themselves do it: lines that are typed, and what may stand at their end. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deviceView, FakeGateway } from "../http/testing/fake-gateway.ts";
import { componentView, taskView } from "../http/testing/fake-work.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb } from "./testing/run-verb.ts";

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bowline-completion-"));
  for (const shell of ["bash", "zsh", "fish"])
    writeFileSync(join(folder, shell), `${(await runVerb(["completion", shell])).out.join("\n")}\n`);
  // Whoever completes asks `bowline completion names KIND`.
  writeFileSync(join(folder, "bowline"), '#!/bin/sh\necho "$3-1"\necho "$3/2"\n');
  chmodSync(join(folder, "bowline"), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

const isThere = (shell: string) => spawnSync(shell, ["-c", ":"]).status === 0;

/** Runs `script` in a shell of its own -> what it prints, a list for each of `lines`. */
function completions(shell: string, args: string[], script: string, lines: readonly string[]): string[][] {
  const { stdout, stderr } = spawnSync(shell, [...args, "-c", script, shell, ...lines], {
    env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const blocks = stdout.split(/^== .*\n/m).slice(1);
  return blocks.map((block) => block.split("\n").filter((line) => line !== ""));
}

const names = (kind: string) => [`${kind}-1`, `${kind}/2`];

/** What is typed, and what is offered; a list that ends with … has more. */
const typed: readonly [line: string, offered: readonly string[]][] = [
  ["bowline sess", ["sessions"]],
  ["bowline queue ", ["inspect", "purge", "drain", "dead", ...names("queues")]],
  ["bowline queue ins", ["inspect"]],
  ["bowline queue inspect ", names("queues")],
  ["bowline queue inspect queues/", ["queues/2"]],
  ["bowline queue inspect a --li", ["--limit"]],
  ["bowline queue inspect --limit 5 ", names("queues")],
  ["bowline queue inspect --limit ", []],
  ["bowline queue inspect a b ", []],
  ["bowline send ", names("boards")],
  ["bowline send --timeout queue ", names("boards")],
  ["bowline send a ", []],
  ["bowline send --url http://pi:9080 ", names("boards")],
  ["bowline send --set http.port=9080 bo", names("boards")],
  ["bowline tail --device ", names("boards")],
  ["bowline tasks run ", names("components")],
  ["bowline timeline ", names("subjects")],
  ["bowline history ", names("boards")],
  ["bowline tasks run x --parent ", names("tasks")],
  ["bowline chaos --serial --boa", ["--boards"]],
  ["bowline kill ", names("tasks")],
  ["bowline components forget ", names("components")],
  ["bowline sniff ", names("links")],
  ["bowline decode --from ", ["client", "server", "link", "iotgw"]],
  ["bowline completion ", ["bash", "zsh", "fish"]],
  ["bowline irc decode --scheme b32", ["b32p", "b32z"]],
];
const lines = typed.map(([line]) => line);

describe("bash", () => {
  const BASH = `source ${"$HOME"}/bash
for line in "$@"; do
  echo "== $line"
  # As bash itself does: at spaces, and around : and =.
  COMP_LINE=$line
  parted=\${line//:/ : }
  IFS=' ' read -ra COMP_WORDS <<< "\${parted//=/ = }"
  [[ $line == *' ' ]] && COMP_WORDS+=("")
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _bowline
  printf '%s\\n' "\${COMPREPLY[@]}"
done`;

  test("completes verbs, options, words and names", () => {
    const found = completions("bash", ["--norc", "-u"], BASH, lines);
    expect(found.map((offered, i) => [lines[i], offered])).toEqual(typed.map((row) => [...row]));
  });
});

describe.skipIf(!isThere("zsh"))("zsh (needs zsh: sudo apt-get install zsh)", () => {
  // What zsh itself does with a line needs a terminal; here its functions print what they are given.
  const ZSH = `compdef() { }
compadd() { shift; print -rl -- \${(M)@:#$PREFIX*} }
_files() { print files }
_describe() { [[ $1 == -o ]] && shift; local all=(\${(P)2}); print -rl -- \${(M)\${all%%:*}:#$PREFIX*} }
source $HOME/zsh
for line in "$@"; do
  print -r "== $line"
  words=(\${(s: :)line})
  [[ $line == *' ' ]] && words+=("")
  CURRENT=$#words PREFIX=$words[-1]
  _bowline
done`;

  test("completes verbs, options, words and names", () => {
    const found = completions("zsh", ["-f"], ZSH, lines);
    expect(found.map((offered, i) => [lines[i], offered])).toEqual(typed.map((row) => [...row]));
  });
});

describe.skipIf(!isThere("fish"))("fish (needs fish: sudo apt-get install fish)", () => {
  const FISH = `source $HOME/fish
for line in $argv[2..-1]
  echo "== $line"
  complete -C "$line" | string replace -r "\\t.*" ""
end`;

  test("completes verbs, options, words and names", () => {
    const found = completions("fish", ["--no-config"], FISH, lines);
    const sorted = (offered: readonly string[]) => [...offered].sort();
    expect(found.map((offered, i) => [lines[i], sorted(offered)])).toEqual(
      typed.map(([line, offered]) => [line, sorted(offered)]),
    );
  });
});

test("names are asked of the gateway, and none that a shell would act on is told", async () => {
  const gateway = new FakeGateway();
  gateway.devices = ["sim-1", "attic/sim-1", "$(reboot)", "a b", "-rf", "\u6e29\u5ea6"].map((id) =>
    deviceView(id),
  );
  gateway.peers.peers = [];
  gateway.work.componentViews = [componentView("example_clock"), componentView("`x`")];
  gateway.work.taskViews = [taskView({ id: "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot" })];
  const server = await new ServerUnderTest(gateway).start();
  try {
    const ask = async (kind: string) => {
      const terminal = new FakeTerminal();
      terminal.env = { BOWLINE_TOKEN: control, BOWLINE_HTTP_PORT: String(server.port) };
      return runVerb(["completion", "names", kind], terminal);
    };
    expect(await ask("boards")).toEqual({ code: 0, out: ["sim-1", "attic/sim-1", "\u6e29\u5ea6"], err: [] });
    expect((await ask("components")).out).toEqual(["example_clock"]);
    expect((await ask("tasks")).out).toEqual(["EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot"]);
    expect((await ask("links")).out).toEqual(["sim-1", "attic/sim-1", "\u6e29\u5ea6"]);
    await server.stop();
    expect(await ask("boards")).toEqual({ code: 0, out: [], err: [] });
  } finally {
    await server.stop();
  }
});
