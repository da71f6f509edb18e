/** `bowline queue dead`: frames that this gateway had custody of, and that will not arrive. */
import type { Command } from "commander";
import type { LetterList } from "../../http/api.ts";
import { connectClient } from "../gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "../gateway/locate.ts";
import { formatBytes, formatCount } from "../output/amounts.ts";
import { formatJson } from "../output/display.ts";
import { printListing } from "../output/listing.ts";
import { formatDate } from "../output/message-line.ts";
import type { Column } from "../output/table.ts";
import type { Terminal } from "../process/terminal.ts";
import { laneNames } from "./queue-words.ts";

type DeadOptions = GatewayOptions & { json?: boolean; clear?: boolean };

const columns: readonly Column<LetterList["dead"][number]>[] = [
  { title: "letter", value: ({ n }) => n },
  { title: "when", value: ({ at }) => formatDate(at) },
  { title: "waited for", value: ({ name }) => name },
  {
    title: "outcome",
    value: ({ outcome, maybeDelivered }) => `${outcome}${maybeDelivered ? ", may have arrived" : ""}`,
  },
  { title: "command", value: ({ command }) => command },
  { title: "lane", value: ({ lane }) => laneNames[lane] },
  { title: "from", value: ({ origin }) => origin },
  { title: "number", value: ({ seq }) => seq },
  { title: "to", value: ({ dst }) => dst },
  { title: "bytes", value: ({ bytes }) => formatBytes(bytes) },
];

export function addDead(queue: Command, outer: () => GatewayOptions, terminal: Terminal): void {
  withGatewayOptions(
    queue
      .command("dead")
      .description("what will not arrive at other gateways, and why")
      .argument("[peer]", "only what waited for that gateway, by its name or host id")
      .option("--clear", "forgets them")
      .option("--json", "one object a line, with the frame in hex: bowline decode reads it"),
  )
    .addHelpText(
      "after",
      "\nThe newest thousand, up to 4 MiB; what somebody withdrew is none of them. From and to are host ids.",
    )
    .action((peer: string | undefined, own: DeadOptions) => dead(peer, { ...outer(), ...own }, terminal));
}

async function dead(peer: string | undefined, options: DeadOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const path = `api/v1/queue/dead${peer === undefined ? "" : `?peer=${encodeURIComponent(peer)}`}`;
  if (options.clear) {
    const answer = (await client.delete(path)) as { cleared: number };
    if (options.json) terminal.print(formatJson(answer));
    else terminal.print(`${formatCount(answer.cleared, "dead letter")} forgotten`);
    return;
  }
  const { dead } = (await client.get(path)) as LetterList;
  printListing({ rows: dead, columns, nothing: "there are no dead letters" }, options, terminal);
}
