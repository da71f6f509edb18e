/** `bowline key`: the keys that boards on the network prove (session part 4). */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type KeyEntry, type KeyStore, openKeys } from "../admission/key-store.ts";
import { loadConfig } from "../config/load.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { connectClient } from "./client.ts";
import { lossCodes } from "./http-call.ts";
import { printListing } from "./listing.ts";
import { type GatewayOptions, withGatewayOptions } from "./locate.ts";
import { collect } from "./options.ts";
import type { Column } from "./table.ts";
import type { Terminal } from "./terminal.ts";

interface DataOptions {
  config?: string;
  set?: string[];
}
interface AddOptions extends DataOptions {
  replace?: boolean;
  out?: string;
}

const columns: readonly Column<KeyEntry>[] = [
  { title: "board", value: ({ id }) => id },
  { title: "added", value: ({ addedAt }) => new Date(addedAt).toISOString().slice(0, 19).replace("T", " ") },
];

/** Where nobody can be asked the key is only removed: there is no gateway, or it has no API or no token of ours. */
const unreachable: readonly string[] = [...lossCodes, "HTTP_DISABLED", "PORT_UNKNOWN", "TOKEN_UNKNOWN"];

export function addKey(program: Command, terminal: Terminal): void {
  const key = program.command("key").description("keys of boards on the network: add, list, revoke");

  withDataOptions(
    key
      .command("add")
      .description("makes a key for a board, and prints it this once")
      .argument("<id>", "the board's name")
      .option("--replace", "also where the board has a key, which is then void")
      .option("--out <file>", "writes it to a new file of mode 0600 instead"),
  )
    .addHelpText(
      "after",
      '\nPut it into the board\'s bowline.json, as "key". A board on a cable is given its key by: bowline pair --for 60s',
    )
    .action((id: string, options: AddOptions) => addOne(id, options, terminal));

  withDataOptions(
    key
      .command("list")
      .description("the boards that have a key; never the keys")
      .option("--json", "one object a line"),
  ).action((options: DataOptions & { json?: boolean }) => {
    const rows = keysOf(options, terminal).list();
    printListing({ rows, columns, nothing: "no board has a key" }, options, terminal);
  });

  withGatewayOptions(
    key
      .command("revoke")
      .description("takes a board's key, and ends its sessions with the gateway that runs")
      .argument("<id>", "the board's name"),
  ).action((id: string, options: GatewayOptions) => revoke(id, options, terminal));
}

function withDataOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "configuration of the gateway")
    .option("--set <key=value>", "one setting of it; may be repeated", collect);
}

function addOne(id: string, options: AddOptions, terminal: Terminal): void {
  const keys = keysOf(options, terminal);
  if (options.replace !== true && keys.list().some((entry) => entry.id === id)) {
    const text = `making a key for ${id}: it has one, which would be void`;
    throw new BowlineError("KEY_EXISTS", text, ExitCode.usage, `bowline key add ${id} --replace`);
  }
  if (options.out === undefined) terminal.print(keys.draw(id).toString("base64"));
  else writeOut(resolve(terminal.cwd, options.out), () => keys.draw(id));
  terminal.warn(`${id} has a key; put it into the board's bowline.json, as "key"`);
}

/** Before the key is drawn it is known that it can be written. */
function writeOut(path: string, draw: () => Buffer): void {
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, `${draw().toString("base64")}\n`);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof BowlineError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const exitCode = code === "EACCES" ? ExitCode.permission : ExitCode.failure;
    throw new BowlineError("FILE_UNWRITABLE", `writing ${path}: ${message}`, exitCode, "another --out");
  }
}

async function revoke(id: string, options: GatewayOptions, terminal: Terminal): Promise<void> {
  try {
    const client = await connectClient(options, terminal);
    const answer = await client.delete(`api/v1/keys/${encodeURIComponent(id)}`);
    const { sessions } = answer as { sessions: number };
    terminal.print(`${id} has no key any more; ${sessions} of its sessions ended`);
  } catch (error) {
    if (!(error instanceof BowlineError) || !unreachable.includes(error.code) || options.url !== undefined)
      throw error;
    if (!keysOf(options, terminal).remove(id)) {
      const text = `taking the key of ${id}: it has none`;
      throw new BowlineError("KEY_UNKNOWN", text, ExitCode.notFound, "bowline key list");
    }
    terminal.print(`${id} has no key any more`);
    terminal.warn(
      `no gateway was told (${error.code}): if one runs, a connection that stands goes on until it breaks`,
    );
  }
}

function keysOf({ config, set }: DataOptions, terminal: Terminal): KeyStore {
  const { data } = loadConfig({ config, set, env: terminal.env, cwd: terminal.cwd }).config;
  if (data !== "memory") return openKeys(data);
  const text = "looking for the keys: the gateway keeps them in memory (data: memory)";
  throw new BowlineError(
    "KEYS_IN_MEMORY",
    text,
    ExitCode.usage,
    "set data to a folder, or bowline pair --for 60s",
  );
}
