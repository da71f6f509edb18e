/** `bowline northbound`: the systems that messages are handed on to, and how far each has come. */
import type { Command } from "commander";
import type { UpstreamList } from "../http/api.ts";
import type { UpstreamView } from "../northbound/upstream.ts";
import { typedMend } from "../platform/errors.ts";

import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { printable } from "./output/display.ts";
import { printListing } from "./output/listing.ts";
import { formatWhen } from "./output/message-line.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";

const columns: readonly Column<UpstreamView>[] = [
  { title: "to", value: ({ name }) => name },
  { title: "kind", value: ({ kind }) => kind },
  {
    title: "state",
    value: ({ state }) => state,
    tone: ({ state }) => (state === "away" ? "bad" : state === "connected" ? "good" : "warn"),
  },
  { title: "behind", value: ({ behind }) => behind },
  { title: "oldest", value: ({ oldestAt }) => (oldestAt === 0 ? "-" : formatWhen(oldestAt, Date.now())) },
  {
    title: "held",
    value: ({ aside }) => aside.length,
    tone: ({ aside }) => (aside.length > 0 ? "bad" : undefined),
  },
  { title: "on the way", value: ({ inFlight }) => inFlight },
  { title: "taken", value: ({ sent }) => sent },
  { title: "again", value: ({ repeated }) => repeated },
  { title: "missed", value: ({ missed }) => missed },
  { title: "refused", value: ({ refused }) => refused },
  { title: "at", value: ({ target }) => target, isText: true },
];

export function addNorthbound(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("northbound")
      .description("the systems that messages are handed on to, and how far each has come")
      .option("--json", "one object a line"),
  )
    .addHelpText(
      "after",
      "\nbehind: messages that it may not have; oldest: when the first of them arrived here." +
        "\nheld: boards whose messages it does not take, while it takes those of others." +
        "\ntaken, again: since the gateway's start; again: handed on a second time, with the same id." +
        "\nmissed: given up by the store before they were handed on; refused: it will never take them.",
    )
    .action(async (options: GatewayOptions & { json?: boolean }) => {
      const client = await connectClient(options, terminal);
      const { northbound: rows } = (await client.get("api/v1/northbound")) as UpstreamList;
      const nothing =
        "messages are handed on to nobody; sections mqtt, nats and webhooks: bowline config show";
      printListing({ rows, columns, nothing }, options, terminal);
      if (options.json) return;
      for (const { name, fault, mend, aside } of rows) {
        if (fault !== "") terminal.warn(printable(`${name}: ${fault}${mendOf(mend)}`));
        for (const { device, behind, since, ...one } of aside) {
          const what = `holds ${behind} of ${device} since ${formatWhen(since, Date.now())}`;
          terminal.warn(
            printable(`${name}: ${what}: ${one.fault || "about to be tried"}${mendOf(one.mend)}`),
          );
        }
      }
    });
}

const mendOf = (mend: string) => (mend === "" ? "" : `; mend: ${typedMend(mend)}`);
