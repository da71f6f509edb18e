/** `bowline chaos --client` with the Python client: it passes, and clients that are wrong on purpose are found out. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BuiltProgram } from "../../host/cli/testing/built-program.ts";
import { runVerb } from "../../host/cli/testing/run-verb.ts";
import { clientEnvironment, clientFolder, isPythonThere } from "./testing/python.ts";

let program: BuiltProgram;
let cwd: string;

beforeAll(async () => {
  program = await BuiltProgram.make();
  // Where the bundle of simulated boards stands: a run without any must not need it.
  mkdirSync(join(program.folder, "device"));
  writeFileSync(join(program.folder, "device/chaos.js"), "");
});
afterAll(() => program.remove());

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-chaos-client-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const chaosClient = join(clientFolder, "chaos_client.py");

async function chaos(command: string, ...args: string[]) {
  const run = program.start(["chaos", "--client", command, "--seed", "5", "--json", ...args], {
    cwd,
    env: clientEnvironment,
  });
  const code = await run.ended;
  return { code, errors: run.stderr, report: JSON.parse(run.stdout || "{}") };
}

/** The client of the repository with one line of its main() changed. */
function wrong(line: string, changed: string): string {
  const program = [
    "import sys",
    `text = open(${JSON.stringify(chaosClient)}).read()`,
    `line, changed = ${JSON.stringify(line)}, ${JSON.stringify(changed)}`,
    "assert line in text",
    "exec(text.replace(line, changed))",
  ].join("\n");
  writeFileSync(join(cwd, "wrong.py"), program);
  return "python3 wrong.py";
}

const nothingBad = { lost: 0, repeated: 0, reordered: 0, corrupted: 0 };
const small = ["--packets", "60", "--cuts", "0"];

describe.skipIf(!isPythonThere)("(needs python3: sudo apt-get install python3)", () => {
  test.each([
    ["cuts", [], { cuts: 12 }],
    ["cuts and kills of the gateway", ["--kill", "2"], { kills: 2, powercut: false }],
    ["cuts and power cuts", ["--powercut", "1"], { kills: 1, powercut: true }],
  ])("over %s all arrives once and in order, both ways", async (_, args, done) => {
    const size = ["--packets", "400", "--cuts", "12"];
    const { code, errors, report } = await chaos(`python3 '${chaosClient}'`, ...size, ...args);
    expect(report, errors).toMatchObject({
      ...{ verdict: "pass", boards: 1, complaints: [], up: nothingBad, down: nothingBad },
      ...done,
      store: { vanished: 0, changed: 0, gaps: 0 },
    });
    expect(report.up.sent).toBe(400 + report.down.delivered);
    expect(report.down.delivered).toBeGreaterThan(5);
    expect([code, readdirSync(cwd)]).toEqual([0, []]);
  });

  const send = `await board.publish({"ot": "l:n", "i": i, "s": filler(i)})`;
  test.each([
    ["sends one again", send, `${send}; i == 7 and ${send}`, { up: { repeated: 1, lost: 0 } }],
    ["leaves one out", send, `i == 7 or ${send}`, { up: { lost: 1, repeated: 0 } }],
    [
      "changes one",
      send,
      `await board.publish({"ot": "l:n", "i": i, "s": "?" if i == 7 else filler(i)})`,
      { up: { corrupted: 1 } },
    ],
    [
      "carries a request out twice",
      'print("ran", request["i"], request["s"], flush=True)',
      'print("ran", request["i"], request["s"], flush=True); request["i"] == 2 and print("ran 2", request["s"], flush=True)',
      { down: { repeated: 1 } },
    ],
  ])("a client that %s is found out: exit code 7", async (_, line, changed, found) => {
    const { code, report } = await chaos(wrong(line, changed), ...small);
    expect(report).toMatchObject({ verdict: "fail", ...found });
    expect(code).toBe(7);
  });

  test("one that forgets its numbers with each session is found out, too", async () => {
    const file = join(cwd, "bowline_session.py");
    const text = `
import sys
text = open(${JSON.stringify(join(clientFolder, "bowline_session.py"))}).read()
kept = 'self.seq + count - own'
assert kept in text
exec(text.replace(kept, 'self.seq'))
`;
    writeFileSync(file, text);
    const command = `PYTHONPATH=. exec python3 -c 'exec(open("${chaosClient}").read())'`;
    const { code, report } = await chaos(command, "--packets", "300", "--cuts", "6", "--kill", "2");
    expect(report.verdict).toBe("fail");
    expect(code).toBe(7);
  });

  test("one that ends by itself ends the run, and what it said is told", async () => {
    const { code, errors } = await chaos("echo no such port >&2; exit 3", ...small);
    expect(errors).toBe(
      "bowline: running --client as chaos-1: it ended (exit code 3); it said: no such port [CLIENT_DIED]\n",
    );
    expect(code).toBe(1);
  });

  test("what it prints beside its counts is a complaint", async () => {
    const { report } = await chaos(`echo hello; exec python3 '${chaosClient}'`, ...small);
    expect(report).toMatchObject({
      ...{ verdict: "fail", up: nothingBad },
      complaints: ['chaos-1: printed "hello"; allowed: "sent NUMBER" and "ran NUMBER TEXT"'],
    });
  });
});

test.each([
  [["--serial"], /reading --client: .*; allowed: without --serial/],
  [["--gateways", "2"], /reading --client: .*; allowed: without --gateways/],
])("--client with %j is refused in words", async (args, words) => {
  const { code, err } = await runVerb(["chaos", "--client", "true", ...args]);
  expect([code, err.join("\n")]).toEqual([2, expect.stringMatching(words)]);
});
