/** `bowline tasks kills`: who stopped what, and whether it did stop. */
import type { Command } from "commander";
import type { KillList, KillView } from "../../http/work-api.ts";
import { parseCount } from "../arguments/options.ts";
import { connectClient } from "../gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "../gateway/locate.ts";
import { printListing } from "../output/listing.ts";
import { formatDate } from "../output/message-line.ts";
import type { Column } from "../output/table.ts";
import type { Terminal } from "../process/terminal.ts";

type KillsOptions = GatewayOptions & { json?: boolean; limit: string };

const columns: readonly Column<KillView>[] = [
  { title: "when", value: ({ at }) => formatDate(at) },
  { title: "task", value: ({ task }) => task || '""' },
  { title: "spec", value: ({ spec }) => spec || "-" },
  {
    title: "outcome",
    value: ({ outcome }) => outcome,
    tone: ({ outcome }) => (outcome === "confirmed" ? "good" : outcome === "unconfirmed" ? "bad" : undefined),
  },
  { title: "how or why", value: ({ how, why }) => how || why || "-", isText: true },
  { title: "ms", value: ({ ms }) => ms },
  { title: "by", value: ({ by }) => `${by.via}: ${by.who}` },
];

export function addKills(tasks: Command, outer: () => GatewayOptions, terminal: Terminal): void {
  withGatewayOptions(
    tasks
      .command("kills")
      .description("each kill, also those that were refused: who, what, and what came of it")
      .option("--limit <n>", "the newest so many", "100")
      .option("--json", "one object a line"),
  )
    .addHelpText(
      "after",
      "\nconfirmed: it stopped; unconfirmed: nothing showed that it did; finished before: it had ended;" +
        "\nunknown: no such task was known here, it was told to everyone all the same; refused: nothing was done." +
        "\nby: http, irc, peer; or tech, who is whoever reaches the technical port, under a name that nobody has proved." +
        "\nms: from the kill to its outcome. Children that were killed with a task are lines of their own.",
    )
    .action(async (own: KillsOptions) => {
      const options = { ...outer(), ...own };
      const limit = parseCount("--limit", options.limit);
      const client = await connectClient(options, terminal);
      const { kills } = (await client.get(`api/v1/kills?limit=${limit}`)) as KillList;
      printListing({ rows: kills, columns, nothing: "nobody has killed a task" }, options, terminal);
      if (!options.json && kills.length === limit) terminal.warn(`the newest ${limit}: --limit tells more`);
    });
}
