/** `bowline ports`: the serial ports of this machine, and what a running gateway does with them. */
import { realpath } from "node:fs/promises";
import type { Command } from "commander";
import type { DeviceList, PortList, SerialView } from "../http/api.ts";
import { BowlineError } from "../platform/errors.ts";
import { listPorts, type PortInfo } from "../transports/ports.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { printListing } from "./output/listing.ts";
import { formatWhen } from "./output/message-line.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";

/** A port as the gateway holds it. */
interface HeldPort extends SerialView {
  /** The board that speaks over it, "" for none yet. */
  board: string;
}

/** A port of the machine, of the gateway's configuration, or of both. */
export type PortRow = Partial<PortInfo> & Pick<PortInfo, "name"> & { gateway?: HeldPort };

const columns: readonly Column<PortRow>[] = [
  { title: "port", value: ({ name }) => name },
  { title: "device", value: ({ device }) => device ?? "-" },
  { title: "usb", value: ({ vidPid }) => vidPid || "-" },
  { title: "serial number", value: ({ serialNumber }) => serialNumber || "-" },
  { title: "espruino", value: ({ espruino }) => espruino ?? "-" },
  { title: "held by", value: ({ holder }) => (holder ? `pid ${holder.pid} ${holder.command}` : "-") },
  {
    title: "gateway",
    value: ({ gateway }) => (gateway === undefined ? "-" : describe(gateway)),
    isText: true,
  },
];

export function addPorts(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("ports")
      .description("serial ports: stable name, USB id, who holds them, Espruino or not")
      .option("--json", "one object a line"),
  )
    .addHelpText("after", "\nNeeds no running gateway; where one runs, its view of the ports is added.")
    .action(async (options: GatewayOptions & { json?: boolean }) => {
      const [found, held] = await Promise.all([listPorts(), askGateway(options, terminal)]);
      const rows = await joinPorts(found, held);
      const nothing = "no serial port was found; plug a board in, or try one without: bowline sim";
      printListing({ rows, columns, nothing }, options, terminal);
    });
}

/** Each port once: those of the machine, then those that are only configured. */
export async function joinPorts(found: readonly PortInfo[], held: readonly HeldPort[]): Promise<PortRow[]> {
  const devices = await Promise.all(held.map(({ path }) => realpath(path).catch(() => path)));
  const rows = found.map((port): PortRow => {
    const gateway = held[devices.indexOf(port.device)];
    return gateway === undefined ? port : withGateway(port, gateway);
  });
  const onlyHeld = held.filter((_, i) => !found.some(({ device }) => device === devices[i]));
  return [...rows, ...onlyHeld.map((gateway) => withGateway({ name: gateway.path }, gateway))];
}

/** What has said hello is an Espruino, whatever its USB ids may be. */
function withGateway(port: PortRow, gateway: HeldPort): PortRow {
  return { ...port, ...(gateway.board !== "" && { espruino: "yes" }), gateway };
}

/** Nothing where no gateway runs; why not is said only when it is something else. */
async function askGateway(options: GatewayOptions, terminal: Terminal): Promise<HeldPort[]> {
  try {
    const client = await connectClient(options, terminal);
    const { serial } = (await client.get("api/v1/ports")) as PortList;
    const { devices } = (await client.get("api/v1/devices")) as DeviceList;
    const boardOn = (path: string) =>
      devices.find(({ connected, via }) => connected && via === `serial ${path}`);
    return serial.map((port) => ({ ...port, board: boardOn(port.path)?.id ?? "" }));
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    const isAsked = options.url !== undefined || options.config !== undefined;
    if (isAsked || error.code !== "NOT_RUNNING") terminal.warn(`the gateway was not asked: ${error.message}`);
    return [];
  }
}

function describe({ open, board, waitingFor, state, lent, ...counts }: HeldPort): string {
  if (lent !== null) return `lent to ${lent.to} since ${formatWhen(lent.since, Date.now())}`;
  if (!open) return waitingFor === "" ? "closed" : `waiting: ${reasonOf(waitingFor)}`;
  const said = state === "speaking" ? "open" : state;
  const who = board === "" && said === "open" ? "no board yet" : board;
  const steps = (["reopened", "reset", "rebound"] as const)
    .filter((step) => counts[step] > 0)
    .map((step) => `${step} ${counts[step]}`);
  return [said, who, ...steps].filter((part) => part !== "").join(", ");
}

/** `open serial port /dev/ttyACM0: no such device; …`: the port has its own column. */
const reasonOf = (waitingFor: string) => waitingFor.replace(/^open serial port \S+: /, "");
