/** `bowline queue purge`: withdraws what waits for one board or gateway, and has not left. */

import type { Command } from "commander";
import type { PeerQueueView, Purged } from "../../http/api.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { misreadText } from "../arguments/misread.ts";
import { connectClient } from "../gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "../gateway/locate.ts";
import { formatBytes, formatCount } from "../output/amounts.ts";
import { formatJson, printable } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";
import { queuePath } from "./path.ts";
import { laneNames } from "./queue-words.ts";

type PurgeOptions = GatewayOptions & { json?: boolean; lane?: string; yes?: boolean };

export function addPurge(queue: Command, outer: () => GatewayOptions, terminal: Terminal): void {
  withGatewayOptions(
    queue
      .command("purge")
      .description("withdraws what waits for one and has not left")
      .argument("<peer>", "a board, or a gateway by its name or host id")
      .option("--lane <n>", "only that lane: 0 control, 1 alarm, 2 normal, 3 bulk")
      .option("--yes", "asks nobody")
      .option("--json", "what was withdrawn, as one object"),
  )
    .addHelpText(
      "after",
      "\nEach packet ends as one that its sender withdrew; who waits for an outcome is told. What is on the wire goes on." +
        "\nLane 0 is spared unless it is named: it withdraws and ends what is elsewhere, which would be done otherwise.",
    )
    .action((peer: string, own: PurgeOptions) => purge(peer, { ...outer(), ...own }, terminal));
}

async function purge(peer: string, options: PurgeOptions, terminal: Terminal): Promise<void> {
  const lane = options.lane === undefined ? null : parseLane(options.lane);
  const client = await connectClient(options, terminal);
  if (options.yes !== true) {
    const view = (await client.get(queuePath(peer))) as PeerQueueView;
    if (!(await isConfirmed(peer, view, lane, terminal))) {
      terminal.warn("nothing was withdrawn");
      return;
    }
  }
  const body = lane === null ? {} : { lane };
  const purged = (await client.post(queuePath(peer, "purge"), body)) as Purged;
  if (options.json) terminal.print(formatJson(purged));
  else terminal.print(printable(wordsOf(purged)));
}

async function isConfirmed(
  peer: string,
  { lanes }: PeerQueueView,
  lane: number | null,
  { questions }: Terminal,
): Promise<boolean> {
  const meant = lanes.filter((_, i) => (lane === null ? i > 0 : i === lane));
  const packets = meant.reduce((sum, held) => sum + held.packets, 0);
  const bytes = meant.reduce((sum, held) => sum + held.bytes, 0);
  const what = `${formatCount(packets, "packet")} (${formatBytes(bytes)}) for ${printable(peer)}`;
  if (questions === undefined) {
    const text = `withdrawing ${what}: nobody is there to be asked whether that is meant; allowed: --yes`;
    throw new BowlineError("NOT_CONFIRMED", text, ExitCode.usage, `bowline queue purge ${peer} --yes`);
  }
  const answer = await questions.choose(`Withdraw ${what}? What it was to do is not done.`, [
    { value: "no", label: "leave them" },
    { value: "yes", label: "withdraw them" },
  ]);
  return answer === "yes";
}

function wordsOf({ name, withdrawn, maybeDelivered, left }: Purged): string {
  const more = [
    ...(maybeDelivered > 0
      ? [`${maybeDelivered} that go no more, but had left once and may have arrived`]
      : []),
    ...(left > 0 ? [`${left} could not be withdrawn: on the wire`] : []),
  ];
  return [`${formatCount(withdrawn, "packet")} for ${name} withdrawn`, ...more].join("; ");
}

function parseLane(text: string): number {
  const lane = laneNames.findIndex((name, i) => name === text || `${i}` === text);
  if (lane >= 0) return lane;
  const allowed = laneNames.map((name, i) => `${i} or ${name}`).join(", ");
  throw misreadText("--lane", text, allowed);
}
