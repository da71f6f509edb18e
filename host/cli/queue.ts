/** `bowline queue`: how full the store is, and what waits for boards. */
import type { Command } from "commander";
import type { QueueView } from "../router/queue-view.ts";
import { formatAge, formatBytes } from "./amounts.ts";
import { connectClient } from "./client.ts";
import { formatJson } from "./display.ts";
import { type GatewayOptions, withGatewayOptions } from "./locate.ts";
import type { Column } from "./table.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** One row: the store, or a board. */
interface Row {
  name: string;
  messages: number;
  bytes: string;
  oldest: string;
  rate: string;
  full: string;
  gaveUp: string;
}

const columns: readonly Column<Row>[] = [
  { title: "queue", value: ({ name }) => name },
  { title: "messages", value: ({ messages }) => messages },
  { title: "bytes", value: ({ bytes }) => bytes },
  { title: "oldest", value: ({ oldest }) => oldest },
  { title: "rate", value: ({ rate }) => rate },
  { title: "full in", value: ({ full }) => full },
  { title: "given up or refused", value: ({ gaveUp }) => gaveUp },
];

export function addQueue(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("queue")
      .description("how full the store is, and what waits for boards")
      .option("--json", "one object a line: the store, then each board"),
  )
    .addHelpText(
      "after",
      "\nstore: messages kept for who asks; the oldest make room for new ones unless store.whenFull says otherwise." +
        "\nA board's row: requests without an outcome; oldest: how long the most urgent may still wait.",
    )
    .action(async (options: GatewayOptions & { json?: boolean }) => {
      const client = await connectClient(options, terminal);
      const { store, boards } = (await client.get("api/v1/queue")) as QueueView;
      if (options.json) {
        for (const row of [{ queue: "store", ...store }, ...boards.map((b) => ({ queue: "board", ...b }))])
          terminal.print(formatJson(row));
        return;
      }
      const rows = [storeRow(store, Date.now()), ...boards.map((board) => boardRow(board, Date.now()))];
      for (const line of formatTable(columns, rows, terminal.columns)) terminal.print(line);
      if (store.isHeld) terminal.warn("the store is full, and boards wait (store.whenFull: refuse)");
      if (store.low !== "") terminal.warn(`nothing new is kept for other gateways: ${store.low}`);
      if (store.fault !== "") terminal.warn(`the store takes nothing at present: ${store.fault}`);
    });
}

function storeRow(store: QueueView["store"], now: number): Row {
  return {
    name: "store",
    messages: store.messages,
    bytes: `${formatBytes(store.bytes)} of ${formatBytes(store.maxBytes)}`,
    oldest: store.oldestAt === 0 ? "-" : formatAge(now - store.oldestAt),
    rate: `${formatBytes(store.bytesPerS)}/s`,
    full: store.fullInS === null ? "-" : formatAge(store.fullInS * 1000),
    gaveUp: `${store.dropped} / ${store.refused}`,
  };
}

function boardRow({ device, open, deadline }: QueueView["boards"][number], now: number): Row {
  const left = deadline === 0 ? "-" : `${formatAge(Math.max(0, deadline - now))} left`;
  return { name: device, messages: open, bytes: "-", oldest: left, rate: "-", full: "-", gaveUp: "-" };
}
