/** `bowline pair`: for a time, boards on cables and on this machine are given their keys (session part 4). */
import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import type { PairingView } from "../http/api.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { connectClient, GatewayClient } from "./client.ts";
import { parseDuration } from "./duration.ts";
import { type GatewayOptions, withGatewayOptions } from "./locate.ts";
import type { Terminal } from "./terminal.ts";

const PATH = "api/v1/pairing";
const MAX_MS = 3_600_000;
/** A person waits for a board: half a second is at once. */
const LOOK_MS = 500;
/** What the gateway has, after Ctrl-C, to hear that pairing is over. */
const CLOSE_MS = 2000;

export function addPair(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("pair")
      .description("gives keys to boards on cables, and to new ones on this machine; closed by Ctrl-C")
      .option("--for <duration>", "how long; takes s, m, h; up to 1h", "60s"),
  )
    .addHelpText(
      "after",
      "\nBoards on a plain network are given none, for whoever listens there would have it too.",
    )
    .action((options: GatewayOptions & { for: string }) => pair(options, terminal));
}

async function pair(options: GatewayOptions & { for: string }, terminal: Terminal): Promise<void> {
  const ms = parseDuration("--for", options.for);
  if (ms > MAX_MS)
    throw new BowlineError("USAGE", `reading --for: ${options.for}; allowed: up to 1h`, ExitCode.usage);
  const client = await connectClient(options, terminal);
  let view = (await client.post(PATH, { forS: ms / 1000 })) as PairingView;
  terminal.warn(`pairing is open for ${Math.round(view.remainingMs / 1000)} s; Ctrl-C closes it`);
  const told = new Set<string>();
  const tell = ({ paired }: PairingView) => {
    for (const id of paired.filter((one) => !told.has(one))) terminal.print(`${id} has its key`);
    for (const id of paired) told.add(id);
  };
  try {
    for (;;) {
      tell(view);
      if (view.remainingMs === 0) break;
      await pause(Math.min(LOOK_MS, view.remainingMs), undefined, { signal: terminal.signal });
      view = (await client.get(PATH)) as PairingView;
    }
  } finally {
    // Whatever ended the wait: nobody watches any more.
    if (view.remainingMs > 0) await close(client, terminal, tell);
  }
  if (told.size > 0) return;
  const text = `pairing for ${options.for}: no board came`;
  throw new BowlineError("NOBODY_PAIRED", text, ExitCode.timeout, "bowline ports, and plug the board in");
}

/** A board may have come since the last look. */
async function close(
  { place }: GatewayClient,
  terminal: Terminal,
  tell: (view: PairingView) => void,
): Promise<void> {
  try {
    const client = new GatewayClient(place, AbortSignal.timeout(CLOSE_MS));
    tell((await client.post(PATH, { forS: 0 })) as PairingView);
  } catch (error) {
    terminal.warn(`pairing may still be open: ${(error as Error).message}`);
  }
}
