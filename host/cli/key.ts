/** `bowline key`: the keys that boards on the network, and with --peer other gateways, prove (session part 4, iotgw §9). */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type KeyEntry, type KeyStore, openKeys, openPeerKeys } from "../admission/key-store.ts";
import { isHostId } from "../config/fields.ts";
import { loadConfig } from "../config/load.ts";
import type { PeersConfig } from "../config/schema.ts";
import { readHostId } from "../gateways/host-id.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { collect } from "./arguments/options.ts";
import { connectClient } from "./gateway/client.ts";
import { lossCodes } from "./gateway/http-call.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatJson } from "./output/display.ts";
import { printListing } from "./output/listing.ts";
import { formatDate } from "./output/message-line.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";

interface DataOptions {
  config?: string;
  set?: string[];
  peer?: boolean;
  json?: boolean;
}
interface AddOptions extends DataOptions {
  replace?: boolean;
  out?: string;
  in?: string;
}

type RevokeOptions = GatewayOptions & { peer?: boolean; json?: boolean };

const PEER = "of another gateway: the id is its host id, or its name in peers.connect";

const columnsOf = (title: string): readonly Column<KeyEntry>[] => [
  { title, value: ({ id }) => id },
  { title: "added", value: ({ addedAt }) => formatDate(addedAt) },
];

/** Where nobody can be asked the key is only removed: there is no gateway, or it has no API or no token of ours. */
const unreachable: readonly string[] = [...lossCodes, "HTTP_DISABLED", "PORT_UNKNOWN", "TOKEN_UNKNOWN"];

export function addKey(program: Command, terminal: Terminal): void {
  const key = program
    .command("key")
    .description("keys of boards on the network, and of other gateways: add, list, revoke");

  withDataOptions(
    key
      .command("add")
      .description("makes a key for a board, or another gateway, and prints it this once")
      .argument("<id>", "the board's name")
      .option("--peer", PEER)
      .option("--in <file>", "with --peer: the key that the other gateway has made, in place of a new one")
      .option("--replace", "also where the board has a key, which is then void")
      .option("--out <file>", "writes it to a new file of mode 0600 instead")
      .option("--json", "whose it is, and the key unless it went to a file, as one object"),
  )
    .addHelpText(
      "after",
      '\nPut it into the board\'s bowline.json, as "key". A board on a cable is given its key by: bowline pair --for 60s' +
        "\n\nTwo gateways have the same key, each under the other's host id:" +
        "\n  on 41:  npx bowline key add 42 --peer --out for-42.key" +
        "\n  on 42:  npx bowline key add 41 --peer --in for-42.key",
    )
    .action((id: string, options: AddOptions) =>
      options.peer === true ? addPeerKey(id, options, terminal) : addOne(id, options, terminal),
    );

  withDataOptions(
    key
      .command("list")
      .description("the boards that have a key; never the keys")
      .option("--peer", "the other gateways that have one")
      .option("--json", "one object a line"),
  ).action((options: DataOptions) => {
    const rows = keysOf(options, terminal).list();
    const whose = options.peer === true ? "gateway" : "board";
    printListing({ rows, columns: columnsOf(whose), nothing: `no ${whose} has a key` }, options, terminal);
  });

  withGatewayOptions(
    key
      .command("revoke")
      .description("takes a key, and ends the sessions of whose it was with the gateway that runs")
      .argument("<id>", "the board's name")
      .option("--peer", PEER)
      .option("--json", "what was done, as one object"),
  ).action((id: string, options: RevokeOptions) => revoke(id, options, terminal));
}

function withDataOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "configuration of the gateway")
    .option("--set <key=value>", "one setting of it; may be repeated", collect);
}

/** The same key on both sides: made on one, read on the other. */
async function addPeerKey(name: string, options: AddOptions, terminal: Terminal): Promise<void> {
  const { config, set } = options;
  const loaded = loadConfig({ config, set, env: terminal.env, cwd: terminal.cwd }).config;
  const id = peerIdOf(name, loaded.peers);
  const keys = keysOf(options, terminal);
  checkFree(id, `${id} --peer`, keys, options);
  if (options.in === undefined) {
    draw(id, keys, options, terminal);
    const own = loaded.gateway.hostId ?? (await readHostId(loaded.data)) ?? "OUR-ID";
    const file = options.out ?? "FILE";
    terminal.warn(`gateway ${id} has a key here; there: npx bowline key add ${own} --peer --in ${file}`);
  } else {
    const path = resolve(terminal.cwd, options.in);
    keys.put(id, readKeyFile(path), path);
    if (options.json) terminal.print(formatJson({ id }));
    terminal.warn(`gateway ${id} has its key here as well`);
  }
}

/** A host id as it is, a name as peers.connect has it. */
function peerIdOf(name: string, { connect }: PeersConfig): string {
  const named = connect.find((peer) => peer.name === name);
  if (named !== undefined) return named.id;
  if (isHostId(name)) return name;
  const known = connect.map((peer) => peer.name ?? peer.id).join(", ");
  const text = `naming a gateway: ${name}; allowed: its host id, or a name in peers.connect (${known || "none is there"})`;
  throw new BowlineError("PEER_UNKNOWN", text, ExitCode.notFound, "bowline peers, on the other machine");
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const exitCode = code === "ENOENT" ? ExitCode.notFound : ExitCode.permission;
    throw new BowlineError("FILE_UNREADABLE", `reading ${path}: ${message}`, exitCode, "another --in");
  }
}

function addOne(id: string, options: AddOptions, terminal: Terminal): void {
  const keys = keysOf(options, terminal);
  if (options.in !== undefined) {
    const text = "reading a board's key: --in is for gateways; a board is given the key that is made here";
    throw new BowlineError("USAGE", text, ExitCode.usage, `bowline key add ${id}`);
  }
  checkFree(id, id, keys, options);
  draw(id, keys, options, terminal);
  terminal.warn(`${id} has a key; put it into the board's bowline.json, as "key"`);
}

/** A key that is there is made void only when that is said. `typed`: how the owner is named to this verb. */
function checkFree(id: string, typed: string, keys: KeyStore, options: AddOptions): void {
  if (options.replace !== true && keys.list().some((entry) => entry.id === id)) {
    const text = `making a key for ${id}: it has one, which would be void`;
    const file = options.in === undefined ? options.out : options.in;
    const how = file === undefined ? "" : ` --${options.in === undefined ? "out" : "in"} ${file}`;
    throw new BowlineError("KEY_EXISTS", text, ExitCode.usage, `bowline key add ${typed}${how} --replace`);
  }
}

function draw(id: string, keys: KeyStore, { out, json }: AddOptions, terminal: Terminal): void {
  if (out !== undefined) {
    writeOut(resolve(terminal.cwd, out), () => keys.draw(id));
    if (json) terminal.print(formatJson({ id, out }));
    return;
  }
  const key = keys.draw(id).toString("base64");
  terminal.print(json ? formatJson({ id, key }) : key);
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

async function revoke(name: string, options: RevokeOptions, terminal: Terminal): Promise<void> {
  const { config, set, peer = false } = options;
  const id = peer
    ? peerIdOf(name, loadConfig({ config, set, env: terminal.env, cwd: terminal.cwd }).config.peers)
    : name;
  try {
    const client = await connectClient(options, terminal);
    const path = encodeURIComponent(id);
    const answer = await client.delete(peer ? `api/v1/peers/${path}/key` : `api/v1/keys/${path}`);
    const { sessions } = answer as { sessions: number };
    if (options.json) terminal.print(formatJson({ id, sessions }));
    else terminal.print(`${id} has no key any more; ${sessions} of its sessions ended`);
  } catch (error) {
    if (!(error instanceof BowlineError) || !unreachable.includes(error.code) || options.url !== undefined)
      throw error;
    if (!keysOf(options, terminal).remove(id)) {
      const text = `taking the key of ${id}: it has none`;
      throw new BowlineError(
        "KEY_UNKNOWN",
        text,
        ExitCode.notFound,
        peer ? "bowline key list --peer" : "bowline key list",
      );
    }
    terminal.print(options.json ? formatJson({ id, sessions: null }) : `${id} has no key any more`);
    terminal.warn(
      `no gateway was told (${error.code}): if one runs, a connection that stands goes on until it breaks`,
    );
  }
}

function keysOf({ config, set, peer }: DataOptions, terminal: Terminal): KeyStore {
  const { data } = loadConfig({ config, set, env: terminal.env, cwd: terminal.cwd }).config;
  if (data !== "memory") return peer === true ? openPeerKeys(data) : openKeys(data);
  const text = "looking for the keys: the gateway keeps them in memory (data: memory)";
  throw new BowlineError(
    "KEYS_IN_MEMORY",
    text,
    ExitCode.usage,
    "set data to a folder, or bowline pair --for 60s",
  );
}
