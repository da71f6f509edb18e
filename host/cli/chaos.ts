/** `bowline chaos`: breaks a real gateway on purpose, and counts at both ends what arrived. */

import { randomInt } from "node:crypto";
import type { Command } from "commander";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { misread } from "./arguments/misread.ts";
import { collect, parseCount, parseHostPort } from "./arguments/options.ts";
import { ChainRun } from "./chaos/chain/chain-run.ts";
import { runProxy } from "./chaos/proxy.ts";
import { formatProgress, formatReport, jsonOf, type Report, summaryOf } from "./chaos/report.ts";
import { ChaosRun } from "./chaos/run.ts";
import { formatJson } from "./output/display.ts";
import { chaosAppPath } from "./process/program-files.ts";
import type { Terminal } from "./process/terminal.ts";

interface Options {
  cuts?: string;
  packets: string;
  boards?: string;
  gateways?: string;
  seed?: string;
  serial?: boolean;
  client?: string;
  kill?: string | true;
  powercut?: string | true;
  set?: string[];
  listen?: string;
  target?: string;
  meanBytes: string;
  json?: boolean;
}

const DEFAULT_BOARDS = 3;
/** Of somebody's own: one process, whose fault is easier to find. */
const DEFAULT_CLIENTS = 1;
const MOST_BOARDS = 50;
/** Of a chain: one board at each end. Gateways are processes, and frames have 16 hops. */
const DEFAULT_CHAIN_BOARDS = 2;
const MOST_GATEWAYS = 10;
/** Lines held in a run of a chain, while requests behind them are withdrawn: one for so many messages, twice a place at most. */
const MESSAGES_PER_HOLD = 200;
const MOST_HOLDS = 8;
const DEFAULT_CUTS = 100;
const DEFAULT_KILLS = 10;
/** Of any count: more than a run of a year. */
const MOST = 2 ** 30;

const HELP = `
A gateway in a process of its own, simulated boards with the real firmware, and lines between them that break as the \
seed has it: cut after any byte, reset, closed, half open, in small pieces, late. Every message and every request has \
a number, and is counted where it is made and where it arrives; at the end the store is read once more.

Exit code 7 when anything was lost, repeated, reordered or corrupted, or changed in the store afterwards. The same \
seed gives the same faults; where they strike also depends on the machine.

With --gateways the gateways stand in a chain 1 – 2 – 3 …, every line of it breaks, and --kill takes each in turn. What a \
board sends is counted at the far end too, and requests come from there. Of those every fourth is withdrawn; some while \
a line before their board is held, so that they cannot have come: these must never be carried out.

With --client a client of the session that you wrote stands in place of the boards. It is started with CHAOS_HOST, CHAOS_PORT \
(where to connect), CHAOS_ID (the board it is), CHAOS_COUNT and CHAOS_SEED in its environment, and runs until it is ended. It sends
  {"ot":"l:n","i":I,"s":FILLER}           I from 1 to CHAOS_COUNT; once it has taken it in hand it prints: sent I
and answers
  {"ot":"l:ask","rq":N,"i":I,"s":…}       with {"re":N,"i":I,"s":FILLER}; it prints: ran I …   with what came as "s"
  {"ot":"l:info","rq":N}                  with {"re":N,"held":H}: messages that are not acknowledged yet
FILLER is the text "The quick brown fox jumps over the lazy dog, 0123456789 times a day." from character I mod 16 on, so many \
characters as 7 · I mod 47. Nothing else is printed; what it says on stderr is told if it ends by itself. client/python is one: \
docs/joining.md.

Your own implementation, with your own counting, behind the faults alone:
  bowline chaos --listen 7701 --target 192.168.1.20:7700 --mean-bytes 4000 --seed 42
connect to 7701 instead of 7700; Ctrl-C prints how often it was cut, and how:
  reset, close   both ends are reset, or closed in order
  near, far      one end is reset (near: who connected), the other never learns of it for 5 s
  silent         neither learns of it for 5 s

A board of ours against a gateway of yours, through the faults: bowline sim --tcp 127.0.0.1:7701

Examples:
  bowline chaos                                        10 000 messages, 100 cuts: half a minute
  bowline chaos --cuts 10000 --packets 1000000 --seed 42
  bowline chaos --client 'python3 client/python/chaos_client.py' --cuts 50 --packets 2000 --kill 5
  bowline chaos --serial --boards 1 --packets 2000 --cuts 20
  bowline chaos --kill 100 --packets 100000
  bowline chaos --gateways 3 --kill 9 --cuts 60 --packets 3000
  bowline chaos --powercut 3 --set store.flush=false   must fail: what is not flushed is lost`;

export function addChaos(program: Command, terminal: Terminal): void {
  program
    .command("chaos")
    .description("breaks a gateway of its own on purpose, and counts at both ends what arrived")
    .option("--cuts <n>", `connections to cut, at any byte (default: ${DEFAULT_CUTS}; with --listen no end)`)
    .option("--packets <n>", "messages from the boards; requests to them go along", "10000")
    .option(
      "--boards <n>",
      `simulated boards, running the real firmware (default: ${DEFAULT_BOARDS}; with --gateways ${DEFAULT_CHAIN_BOARDS}, with --client ${DEFAULT_CLIENTS})`,
    )
    .option(
      "--gateways <n>",
      "so many gateways in a chain, boards at both ends, each end asking those of the other",
    )
    .option("--seed <n>", "of all faults (default: any; it is printed)")
    .option("--client <command>", "your own client of the session in place of the boards")
    .option("--serial", "over pseudo-terminals with noise on them, instead of the network")
    .option("--kill [n]", `kill -9 the gateway so often (${DEFAULT_KILLS}), and start it again`)
    .option("--powercut [n]", "as --kill, and what was not flushed to the disk by then is lost")
    .option("--set <key=value>", "one setting of that gateway; may be repeated", collect)
    .option("--listen <host:port>", "the faults alone: a proxy that listens here")
    .option("--target <host:port>", "… and connects to there")
    .option("--mean-bytes <n>", "… cutting after so many bytes on average", "4000")
    .option("--json", "one object when it is over")
    .addHelpText("after", HELP)
    .action((options: Options) => chaos(options, terminal));
}

async function chaos(options: Options, terminal: Terminal): Promise<void> {
  const seed =
    options.seed === undefined ? randomInt(2 ** 32) : within("--seed", options.seed, 0, 2 ** 32 - 1);
  const { listen, target, json = false } = options;
  if (listen === undefined && target === undefined) return breakGateway(seed, options, terminal);
  if (listen === undefined || target === undefined) {
    const missing = listen === undefined ? "--listen" : "--target";
    throw misread(missing, "it is missing", "--listen and --target together, or neither");
  }
  const proxy = {
    ...{ seed, json },
    listen: parseHostPort("--listen", listen),
    target: parseHostPort("--target", target),
    meanBytes: within("--mean-bytes", options.meanBytes, 1, MOST),
    cuts: options.cuts === undefined ? Number.POSITIVE_INFINITY : within("--cuts", options.cuts, 0, MOST),
  };
  return runProxy(proxy, terminal);
}

async function breakGateway(seed: number, options: Options, terminal: Terminal): Promise<void> {
  const { gateways: chain } = options;
  const gateways = chain === undefined ? 1 : within("--gateways", chain, 2, MOST_GATEWAYS);
  const ownBoards = options.client === undefined ? DEFAULT_BOARDS : DEFAULT_CLIENTS;
  const [least, usual] = chain === undefined ? [1, ownBoards] : [2, DEFAULT_CHAIN_BOARDS];
  const boards =
    options.boards === undefined ? usual : within("--boards", options.boards, least, MOST_BOARDS);
  if (chain !== undefined && options.serial === true)
    throw misread("--serial", "gateways in a chain have their boards on the network", "one of the two");
  if (options.client !== undefined && (chain !== undefined || options.serial === true)) {
    const other = chain === undefined ? "--serial" : "--gateways";
    throw misread(
      "--client",
      "a client of your own speaks over the network to one gateway",
      `without ${other}`,
    );
  }
  const powercuts = options.powercut === undefined ? 0 : killsOf("--powercut", options.powercut);
  const common = {
    ...{ seed, boards },
    packets: within("--packets", options.packets, boards, MOST),
    cuts: options.cuts === undefined ? DEFAULT_CUTS : within("--cuts", options.cuts, 0, MOST),
    kills: (options.kill && killsOf("--kill", options.kill)) || powercuts,
    isPowercut: options.powercut !== undefined,
    program: terminal.program,
    bundle: chaosAppPath(),
    env: terminal.env,
    set: options.set ?? [],
    signal: terminal.signal,
    onProgress: (report: Report) => terminal.progress(formatProgress(report)),
  };
  const foreign = options.client !== undefined && { client: { command: options.client, cwd: terminal.cwd } };
  const run =
    chain === undefined
      ? new ChaosRun({ ...common, ...foreign, isSerial: options.serial === true })
      : new ChainRun({ ...common, gateways, holds: holdsFor(common.packets) });
  if (!options.json) terminal.print(`seed ${seed}`);
  const report = await run.run();
  if (options.json) terminal.print(formatJson(jsonOf(report)));
  else for (const line of formatReport(report, terminal.columns)) terminal.print(line);
  const summary = summaryOf(report);
  if (summary !== "") {
    const text = `counting what arrived (seed ${seed}): ${summary}; allowed: none`;
    throw new BowlineError("CHAOS_FAILED", text, ExitCode.verification);
  }
  terminal.signal.throwIfAborted();
}

const holdsFor = (packets: number) => Math.min(MOST_HOLDS, Math.ceil(packets / MESSAGES_PER_HOLD));

function killsOf(name: string, given: string | true): number {
  return given === true ? DEFAULT_KILLS : within(name, given, 1, MOST);
}

function within(name: string, text: string, min: number, max: number): number {
  const value = parseCount(name, text);
  if (value >= min && value <= max) return value;
  throw misread(name, `${value}`, `whole numbers from ${min} to ${max}`);
}
