/** `bowline restore`: a data folder made from a backup. */
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { examineBackup } from "../backup/examine.ts";
import { CONFIGURATION } from "../backup/format.ts";
import { restoreBackup } from "../backup/restore.ts";
import { loadConfig } from "../config/load.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { collect } from "./arguments/options.ts";
import { backupNamed } from "./backup/backup-named.ts";
import { contentsLines } from "./backup/backup-words.ts";
import { formatJson } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";

interface RestoreVerbOptions {
  data?: string;
  config?: string;
  set?: string[];
  force?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export function addRestore(program: Command, terminal: Terminal): void {
  program
    .command("restore")
    .description("the data folder of a gateway from a backup")
    .argument("<file>", "a file that `bowline backup` wrote; - is stdin")
    .option("--data <folder>", "into this folder; default: that of the configuration")
    .option("--force", "what is there is set aside, and nothing deleted")
    .option("--dry-run", "read the backup, check it, tell what is in it, and change nothing")
    .option("-c, --config <file>", "configuration of the gateway")
    .option("--set <key=value>", "one setting of it; may be repeated", collect)
    .option("--json", "one object")
    .addHelpText(
      "after",
      "\nThe folder is made beside, and renamed once it is whole. It speaks with an epoch of its own, so that boards and other" +
        " gateways tell it from the one it is of; its host id, keys, tokens and numbers are that one's. Only one of the two may run." +
        "\n\nExamples:" +
        "\n  bowline restore bowline-2026-11-27.bowline" +
        "\n  bowline restore bowline-2026-11-27.bowline --data /srv/bowline/data --force" +
        "\n  ssh attic 'cat bowline.bowline' | bowline restore -",
    )
    .action((file: string, options: RestoreVerbOptions) => restore(file, options, terminal));
}

async function restore(name: string, options: RestoreVerbOptions, terminal: Terminal): Promise<void> {
  const { source, file } = backupNamed(name, terminal);
  const onProgress = (messages: number) => {
    terminal.signal.throwIfAborted();
    terminal.progress(`reading: ${messages} messages`);
  };
  if (options.dryRun) {
    const contents = await examineBackup(source, { progress: onProgress });
    terminal.progress("");
    if (options.json) return terminal.print(formatJson({ file, ...contents }));
    terminal.print(`backup ${file} is whole; nothing was changed`);
    for (const line of contentsLines(contents)) terminal.print(line);
    return;
  }
  const restored = await restoreBackup(source, folderOf(options, terminal), {
    isForced: options.force === true,
    onProgress,
  });
  terminal.progress("");
  if (options.json) return terminal.print(formatJson({ file, ...restored }));
  const { data, aside, hasConfiguration } = restored;
  terminal.print(`restored into ${data}`);
  for (const line of contentsLines(restored)) terminal.print(line);
  if (aside !== "") terminal.print(`what was there is in ${aside}`);
  if (hasConfiguration) terminal.print(`the configuration as it was: ${join(data, CONFIGURATION)}`);
}

function folderOf({ data, config, set }: RestoreVerbOptions, terminal: Terminal): string {
  if (data !== undefined) return resolve(terminal.cwd, data);
  const configured = loadConfig({ config, set, env: terminal.env, cwd: terminal.cwd }).config.data;
  if (configured !== "memory") return configured;
  const text = "restoring: the configuration keeps all in memory (data: memory)";
  throw new BowlineError(
    "USAGE",
    text,
    ExitCode.usage,
    "--data FOLDER, and data: FOLDER in the configuration",
  );
}
