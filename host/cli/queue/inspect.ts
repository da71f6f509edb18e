/** `bowline queue inspect`: the packets that wait for one board or gateway. */
import type { Command } from "commander";
import type { PacketList } from "../../http/api.ts";
import { parseCount } from "../arguments/options.ts";
import { connectClient } from "../gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "../gateway/locate.ts";
import { formatAge, formatBytes, formatCount } from "../output/amounts.ts";
import { printListing } from "../output/listing.ts";
import type { Column } from "../output/table.ts";
import type { Terminal } from "../process/terminal.ts";
import { queuePath } from "./path.ts";
import { laneNames } from "./queue-words.ts";

type InspectOptions = GatewayOptions & { json?: boolean; limit: string };

const columns: readonly Column<PacketList["packets"][number]>[] = [
  { title: "packet", value: ({ what }) => what },
  { title: "place", value: ({ place }) => place },
  { title: "lane", value: ({ lane }) => laneNames[lane] },
  { title: "from", value: ({ origin }) => origin || "-" },
  { title: "number", value: ({ seq }) => (seq === 0 ? "-" : seq) },
  { title: "age", value: ({ ageMs }) => formatAge(ageMs) },
  { title: "left", value: ({ leftMs }) => (leftMs === null ? "-" : formatAge(leftMs)) },
  { title: "bytes", value: ({ bytes }) => formatBytes(bytes) },
  { title: "has left", value: ({ hasLeft }) => (hasLeft ? "yes" : "no") },
];

export function addInspect(queue: Command, outer: () => GatewayOptions, terminal: Terminal): void {
  withGatewayOptions(
    queue
      .command("inspect")
      .description("the packets that wait for one, in the order in which they leave")
      .argument("<peer>", "a board, or a gateway by its name or host id")
      .option("--limit <n>", "the first so many", "100")
      .option("--json", "one object a line"),
  )
    .addHelpText(
      "after",
      "\nplace: new, working (waits for a session), session (waits for its turn in it), wire (on its way, not acknowledged)." +
        "\nfrom, number: the host id of the gateway that made it, and its number there; of a board's its number in the stream." +
        "\nleft: how long it is still wanted. has left: bytes of it have, in this session or one before.",
    )
    .action(async (peer: string, own: InspectOptions) => {
      const options = { ...outer(), ...own };
      const limit = parseCount("--limit", options.limit);
      const client = await connectClient(options, terminal);
      const found = (await client.get(`${queuePath(peer, "packets")}?limit=${limit}`)) as PacketList;
      const { packets, total } = found;
      printListing({ rows: packets, columns, nothing: `nothing waits for ${peer}` }, options, terminal);
      if (packets.length < total && packets.length === limit)
        terminal.warn(`and ${formatCount(total - packets.length, "more packet")}: --limit`);
    });
}
