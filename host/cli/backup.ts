/** `bowline backup`: one file with everything a gateway keeps, of one that runs or of a data folder that none has. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { keepBackup } from "../backup/backup-file.ts";
import { backupOfFolder } from "../backup/closed-folder.ts";
import { examineBackup } from "../backup/examine.ts";
import { nothingKept } from "../backup/format.ts";
import { fileOf, loadConfig } from "../config/load.ts";
import { readHostId } from "../gateways/host-id.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { backupNamed } from "./backup/backup-named.ts";
import { BY_HOST_ID, contentsLines } from "./backup/backup-words.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatBytes } from "./output/amounts.ts";
import { formatJson } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";

interface BackupOptions extends GatewayOptions {
  data?: string;
  history?: boolean;
  verify?: boolean;
  json?: boolean;
}

/** No gateway of this folder can be asked: then the folder itself is, and its lock tells whether one has it. */
const NOBODY: readonly string[] = [
  ...["NOT_RUNNING", "HTTP_DISABLED", "PORT_UNKNOWN", "TOKEN_UNKNOWN", "TOKEN_NEEDED", "NO_GATEWAY"],
];
const STDOUT = "-";

type Use<T> = (bytes: AsyncIterable<Uint8Array>) => Promise<T>;

export function addBackup(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("backup")
      .description("one file with everything the gateway keeps: messages, queues, cursors, keys")
      .argument("<file>", "where to; - is stdout, with --verify stdin")
      .option("--history", "with the values over time; without them they begin anew, from the messages")
      .option("--verify", "read a backup that is there, check it, and tell what is in it")
      .option(
        "--data <folder>",
        "of this data folder, which no gateway may have; without it one that runs is asked",
      )
      .option("--json", "one object"),
  )
    .addHelpText(
      "after",
      "\nThe gateway is asked while it runs, and goes on; where none runs its data folder is read. All of it is of one moment:" +
        " the commit that was the last when it began." +
        "\nThe file is readable by you alone: keys and tokens are in it. It is read back before it is given its name." +
        "\nFiles that the configuration names elsewhere, certificates and passwords, are not in it." +
        "\n\nExamples:" +
        "\n  bowline backup bowline-$(date +%F).bowline" +
        "\n  bowline backup - | ssh attic 'cat > bowline.bowline'" +
        "\n  bowline backup --verify bowline-2026-11-27.bowline" +
        "\n  ssh attic 'cat bowline.bowline' | bowline backup --verify -",
    )
    .action((file: string, options: BackupOptions) => backup(file, options, terminal));
}

async function backup(file: string, options: BackupOptions, terminal: Terminal): Promise<void> {
  if (options.verify) return verify(file, options, terminal);
  if (file === STDOUT) return toStdout(options, terminal);
  const kept = await withBytes(options, terminal, (bytes) =>
    keepBackup(resolve(terminal.cwd, file), heeding(bytes, terminal), (written) =>
      terminal.progress(`backup: ${formatBytes(written)} written`),
    ),
  );
  terminal.progress("");
  if (options.json) return terminal.print(formatJson(kept));
  terminal.print(`backup ${kept.file}, ${formatBytes(kept.size)}`);
  for (const line of contentsLines(kept)) terminal.print(line);
}

async function verify(name: string, options: BackupOptions, terminal: Terminal): Promise<void> {
  const { source, file } = backupNamed(name, terminal);
  const contents = await examineBackup(source, {
    progress: (messages) => {
      terminal.signal.throwIfAborted();
      terminal.progress(`reading: ${messages} messages`);
    },
  });
  terminal.progress("");
  if (options.json) return terminal.print(formatJson({ file, ...contents }));
  terminal.print(`backup ${file} is whole`);
  for (const line of contentsLines(contents)) terminal.print(line);
}

async function toStdout(options: BackupOptions, terminal: Terminal): Promise<void> {
  if (terminal.columns !== undefined || options.json) {
    const seen = options.json ? "--json prints there" : "it is a terminal";
    const text = `writing a backup to stdout: ${seen}; allowed: a file or a pipe`;
    throw new BowlineError("USAGE", text, ExitCode.usage, "bowline backup FILE");
  }
  await withBytes(options, terminal, async (bytes) => {
    for await (const piece of heeding(bytes, terminal)) {
      terminal.printBytes(piece);
      await terminal.whenReady();
    }
  });
}

async function withBytes<T>(options: BackupOptions, terminal: Terminal, use: Use<T>): Promise<T> {
  if (options.data === undefined) {
    const asked = await ask(options, terminal);
    if (asked !== null) return use(asked);
  }
  const { config: file, set } = options;
  const loaded = loadConfig({ config: file, set, env: terminal.env, cwd: terminal.cwd });
  const { config } = loaded;
  const data = options.data === undefined ? config.data : resolve(terminal.cwd, options.data);
  if (data === "memory") throw nothingKept();
  // A folder that is named may be of another gateway than the configuration that lies about here.
  const isOurs = options.data === undefined || file !== undefined || data === config.data;
  const configuration = isOurs ? fileOf(loaded) : undefined;
  const gateway = isOurs ? config.gateway.id : await nameByHostId(data);
  const hasHistory = options.history === true;
  try {
    return await backupOfFolder(
      { data, gateway, hasHistory, ...(configuration !== undefined && { configuration }) },
      use,
    );
  } catch (error) {
    throw options.data === undefined ? error : heldMeanwhile(error);
  }
}

async function nameByHostId(data: string): Promise<string> {
  const id = await readHostId(data);
  return id === null ? "" : `${BY_HOST_ID}${id}`;
}

/** A gateway that has the folder need not be stopped: it can be asked. */
function heldMeanwhile(error: unknown): unknown {
  if (!(error instanceof BowlineError) || error.code !== "STORE_LOCKED") return error;
  const mend = "leave out --data: the gateway that runs is asked, with -c the one of that configuration";
  return new BowlineError(error.code, error.message, error.exitCode, mend);
}

/** What a gateway that runs answers; null where none can be asked. Its first bytes are there. */
async function ask(options: BackupOptions, terminal: Terminal): Promise<AsyncIterable<Uint8Array> | null> {
  try {
    const client = await connectClient(options, terminal);
    return await client.bytes(`api/v1/backup${options.history ? "?history=1" : ""}`);
  } catch (error) {
    const isNobody = error instanceof BowlineError && NOBODY.includes(error.code);
    if (isNobody && options.url === undefined) return null;
    throw error;
  }
}

/** Ctrl-C ends it between two pieces. */
async function* heeding(
  bytes: AsyncIterable<Uint8Array>,
  { signal }: Terminal,
): AsyncGenerator<Uint8Array, undefined> {
  for await (const piece of bytes) {
    signal.throwIfAborted();
    yield piece;
  }
}
