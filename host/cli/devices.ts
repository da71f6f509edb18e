/** `bowline devices`: the boards that ever said hello to this gateway. */
import type { Command } from "commander";
import type { DeviceList, PortList } from "../http/api.ts";
import type { DeviceView } from "../router/views.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatJson, printable } from "./output/display.ts";
import { printListing } from "./output/listing.ts";
import { formatWhen } from "./output/message-line.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";

type DevicesOptions = GatewayOptions & { json?: boolean };
type State = "connected" | "away" | "lent";
/** `lent`: it is away because another program has the port that it was last on. */
type DeviceRow = DeviceView & { state: State };

const columnsAt = (now: number): readonly Column<DeviceRow>[] => [
  { title: "board", value: ({ id }) => id },
  {
    title: "state",
    value: ({ state }) => state,
    tone: ({ state }) => (state === "connected" ? "good" : "warn"),
  },
  { title: "via", value: ({ via }) => via || "-" },
  { title: "kind", value: ({ board }) => board || "-" },
  { title: "firmware", value: ({ firmware }) => firmware || "-" },
  { title: "messages", value: ({ delivered }) => delivered },
  {
    title: "missing",
    value: ({ missing, lost }) => missing + lost,
    tone: ({ missing, lost }) => (missing + lost > 0 ? "bad" : undefined),
  },
  { title: "waiting", value: ({ queued }) => queued },
  { title: "last", value: ({ lastAt }) => (lastAt === 0 ? "-" : formatWhen(lastAt, now)) },
];

export function addDevices(program: Command, terminal: Terminal): void {
  const verb = withGatewayOptions(
    program
      .command("devices")
      .description("the boards, where they are and what came from them")
      .option("--json", "one object a line"),
  )
    // Options behind `forget` are its own.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nmissing: messages that may be lost, or that the board had no room for; waiting: requests not yet sent to it;" +
        "\nlent: away, as long as another program has its port from the gateway.",
    )
    .action((options: DevicesOptions) => list(options, terminal));

  withGatewayOptions(
    verb
      .command("forget")
      .description("shows a board that is away no more, until it speaks again")
      .argument("<id>", "the board's name")
      .option("--json", "what was done, as one object"),
  )
    .addHelpText(
      "after",
      "\nIts messages stay in the store, its numbers and its key stay what they are: should it come back, nothing is lost or repeated." +
        "\nIts key is taken by: bowline key revoke ID",
    )
    // Those before `forget` say as well which gateway is meant.
    .action((id: string, options: DevicesOptions) => forget(id, { ...verb.opts(), ...options }, terminal));
}

async function list(options: DevicesOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const { devices } = (await client.get("api/v1/devices")) as DeviceList;
  const { serial } = (await client.get("api/v1/ports")) as PortList;
  const lent = new Set(serial.filter((port) => port.lent !== null).map(({ path }) => `serial ${path}`));
  const stateOf = ({ connected, via }: DeviceView): State =>
    connected ? "connected" : lent.has(via) ? "lent" : "away";
  const rows = devices.map((device) => ({ ...device, state: stateOf(device) }));
  const nothing = "no board has said hello yet; to try one: bowline sim";
  printListing({ rows, columns: columnsAt(Date.now()), nothing }, options, terminal);
}

async function forget(id: string, options: DevicesOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const answer = await client.delete(`api/v1/devices/${encodeURIComponent(id)}`);
  if (options.json) return terminal.print(formatJson(answer));
  terminal.print(
    `${printable(id)} is forgotten; its messages are kept, and it is shown again when it comes back`,
  );
}
