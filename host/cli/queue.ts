/** `bowline queue`: what waits, in the store and for each board and gateway, and what a person can do about it. */
import type { Command } from "commander";
import type { PeerQueueView, QueueView } from "../http/api.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatJson } from "./output/display.ts";
import { printTable } from "./output/listing.ts";
import type { Terminal } from "./process/terminal.ts";
import { addDead } from "./queue/dead.ts";
import { addDrain } from "./queue/drain.ts";
import { addInspect } from "./queue/inspect.ts";
import { boardRows, columns, gatewayRow, storeRow } from "./queue/overview.ts";
import { queuePath } from "./queue/path.ts";
import { addPurge } from "./queue/purge.ts";
import { describeQueue } from "./queue/queue-words.ts";

type QueueOptions = GatewayOptions & { json?: boolean };

export function addQueue(program: Command, terminal: Terminal): void {
  const verb = withGatewayOptions(
    program
      .command("queue")
      .description("what waits: in the store, for boards and for gateways")
      .argument("[peer]", "one board, or one gateway by its name or host id, in detail")
      .option("--json", "one object a line: the store, then what boards are asked, then each queue"),
  )
    // Options behind a verb of its own are that one's.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nstore: messages kept for who asks; the oldest make room for new ones unless store.whenFull says otherwise." +
        "\nBoards and gateways: packets that they have not acknowledged. oldest: how long the first of them has waited;" +
        " rate: over the last minute; full in: if it goes on so; requests: without an outcome, and what the most urgent has left." +
        "\n\nExamples:" +
        "\n  bowline queue gw2                    places, lanes, rates, and what became of packets so far" +
        "\n  bowline queue inspect gw2            the packets, in the order in which they leave" +
        "\n  bowline queue purge gw2 --lane 3     withdraws what has not left" +
        "\n  bowline queue drain gw2              waits until nothing waits" +
        "\n  bowline queue dead                   what will not arrive",
    )
    .action((peer: string | undefined, options: QueueOptions) =>
      peer === undefined ? showAll(options, terminal) : showOne(peer, options, terminal),
    );
  // Options before the verb say as well which gateway is meant.
  const outer = () => verb.opts<QueueOptions>();
  addInspect(verb, outer, terminal);
  addPurge(verb, outer, terminal);
  addDrain(verb, outer, terminal);
  addDead(verb, outer, terminal);
}

async function showAll(options: QueueOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const view = (await client.get("api/v1/queue")) as QueueView;
  const { store, boards, peers } = view;
  if (options.json) {
    terminal.print(formatJson({ queue: "store", ...store }));
    for (const board of boards) terminal.print(formatJson({ queue: "board", ...board }));
    for (const peer of peers) terminal.print(formatJson({ queue: "peer", ...peer }));
    return;
  }
  const now = Date.now();
  const gateways = peers.filter(({ kind }) => kind === "gateway").map(gatewayRow);
  const rows = [storeRow(store, now), ...gateways, ...boardRows(view, now)];
  printTable(columns, rows, terminal);
  if (store.isHeld) terminal.warn("the store is full, and boards wait (store.whenFull: refuse)");
  if (store.low !== "") terminal.warn(`nothing new is kept for other gateways: ${store.low}`);
  if (store.fault !== "") terminal.warn(`the store takes nothing at present: ${store.fault}`);
}

async function showOne(peer: string, options: QueueOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const view = (await client.get(queuePath(peer))) as PeerQueueView;
  if (options.json) terminal.print(formatJson(view));
  else for (const line of describeQueue(view, terminal.columns)) terminal.print(line);
}
