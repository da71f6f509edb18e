/** `bowline flash`: the firmware, with or without an author's program, onto a board; success is the board's hello. */
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { collect } from "./arguments/options.ts";
import { listBackups } from "./flash/backups.ts";
import { Flashing } from "./flash/flashing.ts";
import { Report } from "./flash/report.ts";
import type { FlashOptions } from "./flash/wishes.ts";
import { isAbortError } from "./gateway/http-call.ts";
import { withGatewayOptions } from "./gateway/locate.ts";
import type { Terminal } from "./process/terminal.ts";
import { typedIn } from "./process/typed-in.ts";

export function addFlash(program: Command, terminal: Terminal): void {
  const verb = program
    .command("flash")
    .description("puts the firmware on a board, checks it, and waits for the board's hello; also ./flash.sh")
    .option("--port <port>", "the board's port; default: $BOWLINE_PORT, else the one that fits")
    .option("--app <file>", "a program of your own, built on the spot (device/examples has some)")
    .option("--id <name>", "the board's name")
    .option("--interval <duration>", "time between two telemetry messages; 0: none")
    .option("--wifi <ssid>", "speak over this Wi-Fi from now on, with a key that the gateway knows")
    .option(
      "--wifi-password-file <file>",
      "its password; else $BOWLINE_WIFI_PASSWORD, else it is asked for; never an argument",
    )
    .option("--gateway <host[:port]>", "where the board finds its gateway; default: this machine, tcp.port")
    .option("--cable", "speak over the cable again")
    .option("--restore [backup]", "put back what was there before: the last backup, or this one")
    .option("--backups", "list the backups")
    .option("--dry-run", "find, identify and judge the board, and change nothing")
    .option("--baud <bits/s>", "speed of its console; default: 115200, 9600 and 1000000 are tried")
    .option("--reset", "reset the board by DTR and RTS when it does not answer")
    .addOption(new Option("--field <name=value>", "one more field of its bowline.json").argParser(collect))
    .option("--timeout <duration>", "how long the hello is waited for; default: 20s, with Wi-Fi 90s")
    .option("--json", "one object a line: steps, progress, the result");
  withGatewayOptions(verb)
    .addHelpText(
      "after",
      "\nA port that the running gateway has is borrowed from it, and given back whatever happens." +
        "\nA cable that is pulled meanwhile leaves the old program; run the same command again." +
        "\nExit codes: 1 the board or the program will not do, 3 no such port or file, 4 no permission, 5 the port is" +
        " busy, 6 no prompt or no hello, 7 the board has another content than was sent, 8 the board refuses," +
        " 130 interrupted.",
    )
    .action((options: FlashOptions) => flash(options, terminal));
}

async function flash(options: FlashOptions, terminal: Terminal): Promise<void> {
  const report = new Report(terminal, options.json === true);
  try {
    // What is named is counted from where it was typed; what is not, from the gateway's folder.
    const file = options.config && resolve(typedIn(terminal), options.config);
    const { config } = loadConfig({ config: file, set: options.set, env: terminal.env, cwd: terminal.cwd });
    const folder = join(keptIn(config, terminal), "backups");
    if (options.backups === true) return await listBackups(folder, options, terminal);
    await new Flashing({ ...options, config: file }, config, folder, terminal, report).run();
  } catch (error) {
    report.failure(asFault(error, terminal));
    throw error;
  }
}

/** Backups outlive the process also where the store does not. */
function keptIn({ data }: Config, { cwd }: Terminal): string {
  return data === "memory" ? resolve(cwd, "data") : data;
}

function asFault(error: unknown, { signal }: Terminal): BowlineError {
  if (error instanceof BowlineError) return error;
  if (isAbortError(error) && signal.aborted)
    return new BowlineError("INTERRUPTED", "interrupted", ExitCode.interrupted);
  return new BowlineError("INTERNAL", String(error));
}
