/** `bowline queue drain`: waits until nothing waits for one board or gateway. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import type { PeerQueueView } from "../../http/api.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { parseDuration } from "../arguments/duration.ts";
import { connectClient, type GatewayClient } from "../gateway/client.ts";
import { lossCodes } from "../gateway/http-call.ts";
import { type GatewayOptions, withGatewayOptions } from "../gateway/locate.ts";
import { formatAge, formatBytes, formatCount } from "../output/amounts.ts";
import { formatJson, printable } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";
import { queuePath } from "./path.ts";

type DrainOptions = GatewayOptions & { json?: boolean; timeout: string };

/** Between two looks, ms. */
const LOOK_MS = 250;

export function addDrain(queue: Command, outer: () => GatewayOptions, terminal: Terminal): void {
  withGatewayOptions(
    queue
      .command("drain")
      .description("waits until nothing waits for one any more")
      .argument("<peer>", "a board, or a gateway by its name or host id")
      .option("--timeout <duration>", "how long at most", "60s")
      .option("--json", "its queue at the end, as one object"),
  )
    .addHelpText(
      "after",
      "\nIt only looks: what is sent meanwhile is waited for as well. A gateway that is restarted meanwhile goes on." +
        "\nExit code 6 when something still waits at the end of the time.",
    )
    .action((peer: string, own: DrainOptions) => drain(peer, { ...outer(), ...own }, terminal));
}

async function drain(peer: string, options: DrainOptions, terminal: Terminal): Promise<void> {
  const timeoutMs = parseDuration("--timeout", options.timeout);
  const client = await connectClient(options, terminal);
  const end = performance.now() + timeoutMs;
  let last = (await client.get(queuePath(peer))) as PeerQueueView;
  for (;;) {
    if (last.packets === 0) break;
    const leftMs = end - performance.now();
    if (leftMs <= 0) throw notEmpty(last, timeoutMs);
    terminal.progress(`${wordsOf(last)}; ${formatAge(leftMs)} left`);
    await delay(Math.min(LOOK_MS, leftMs), undefined, { signal: terminal.signal });
    last = (await lookAgain(client, peer)) ?? last;
  }
  if (options.json) terminal.print(formatJson(last));
  else terminal.print(printable(`nothing waits for ${last.name}`));
}

/** Null: nobody answers, as while the gateway is restarted. */
async function lookAgain(client: GatewayClient, peer: string): Promise<PeerQueueView | null> {
  try {
    return (await client.get(queuePath(peer))) as PeerQueueView;
  } catch (error) {
    if (error instanceof BowlineError && lossCodes.includes(error.code)) return null;
    throw error;
  }
}

function notEmpty(view: PeerQueueView, timeoutMs: number): BowlineError {
  const text = `draining the queue to ${view.name}: after ${formatAge(timeoutMs)} ${wordsOf(view)}`;
  const mend = view.kind === "gateway" ? "bowline peers" : "bowline devices";
  return new BowlineError("QUEUE_NOT_EMPTY", printable(text), ExitCode.timeout, mend);
}

function wordsOf({ packets, bytes }: PeerQueueView): string {
  return `${formatCount(packets, "packet")} (${formatBytes(bytes)}) ${packets === 1 ? "waits" : "wait"}`;
}
