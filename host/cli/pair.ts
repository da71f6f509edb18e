/** `bowline pair`: for a time, boards on cables and on this machine are given their keys (session part 4). */
import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import type { PairingView } from "../http/api.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { parseUpToHour } from "./arguments/duration.ts";
import { connectClient, GatewayClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatJson } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";

type PairOptions = GatewayOptions & { for: string; json?: boolean };

const PATH = "api/v1/pairing";
/** A person waits for a board: half a second is at once. */
const LOOK_MS = 500;
/** What the gateway has, after Ctrl-C, to hear that pairing is over. */
const CLOSE_MS = 2000;

export function addPair(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("pair")
      .description("gives keys to boards on cables, and to new ones on this machine; closed by Ctrl-C")
      .option("--for <duration>", "how long; takes s, m, h; up to 1h", "60s")
      .option("--json", "one object a board that was given its key"),
  )
    .addHelpText(
      "after",
      "\nBoards on a plain network are given none, for whoever listens there would have it too.",
    )
    .action((options: PairOptions) => pair(options, terminal));
}

async function pair(options: PairOptions, terminal: Terminal): Promise<void> {
  const ms = parseUpToHour("--for", options.for);
  const client = await connectClient(options, terminal);
  let view = (await client.post(PATH, { forS: ms / 1000 })) as PairingView;
  terminal.warn(`pairing is open for ${inSeconds(view)}; Ctrl-C closes it`);
  const told = new Set<string>();
  const tell = ({ paired }: PairingView) => {
    for (const id of paired.filter((one) => !told.has(one)))
      terminal.print(options.json ? formatJson({ device: id }) : `${id} has its key`);
    for (const id of paired) told.add(id);
  };
  try {
    for (;;) {
      tell(view);
      if (view.remainingMs === 0) break;
      terminal.progress(`pairing is open for another ${inSeconds(view)}; ${countOf(told)} so far`);
      await pause(Math.min(LOOK_MS, view.remainingMs), undefined, { signal: terminal.signal });
      view = (await client.get(PATH)) as PairingView;
    }
  } catch (error) {
    // Whatever ended the wait: nobody watches any more.
    if (await close(client, terminal, tell)) terminal.warn(`pairing is closed: ${countOf(told)}`);
    throw error;
  }
  if (told.size > 0) return terminal.warn(`pairing is closed: ${countOf(told)}`);
  const text = `pairing for ${options.for}: it is closed, and no board came`;
  throw new BowlineError("NOBODY_PAIRED", text, ExitCode.timeout, "bowline ports, and plug the board in");
}

function inSeconds({ remainingMs }: PairingView): string {
  return `${Math.ceil(remainingMs / 1000)} s`;
}

function countOf({ size }: Set<string>): string {
  return size === 1 ? "1 board was given its key" : `${size || "no"} boards were given their keys`;
}

/** -> whether it is. A board may have come since the last look. */
async function close(
  { place }: GatewayClient,
  terminal: Terminal,
  tell: (view: PairingView) => void,
): Promise<boolean> {
  try {
    const client = new GatewayClient(place, AbortSignal.timeout(CLOSE_MS));
    tell((await client.post(PATH, { forS: 0 })) as PairingView);
    return true;
  } catch (error) {
    // Pairing ends with its gateway, and the next one begins without.
    if (error instanceof BowlineError && error.code === "NOT_RUNNING") return true;
    terminal.warn(`pairing may still be open: ${(error as Error).message}`);
    return false;
  }
}
