/** `bowline components`: who is there to do work, and how each is (MoniQue MON4). */
import type { Command } from "commander";
import type {
  ComponentForgotten,
  ComponentHistory,
  ComponentList,
  ComponentView,
  HistoryLine,
} from "../http/work-api.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatAge } from "./output/amounts.ts";
import type { Tone } from "./output/colour.ts";
import { formatJson, printable } from "./output/display.ts";
import { printListing, printTable } from "./output/listing.ts";
import { formatDate } from "./output/message-line.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";

type ComponentsOptions = GatewayOptions & { json?: boolean };

const columnsAt = (now: number): readonly Column<ComponentView>[] => [
  { title: "component", value: ({ name }) => name },
  { title: "state", value: stateWords, tone: stateTone },
  { title: "heard", value: ({ heardAt }) => formatAge(Math.max(0, now - heardAt)) },
  { title: "every", value: ({ rhythmMs }) => (rhythmMs === 0 ? "-" : formatAge(rhythmMs)) },
  { title: "heartbeats", value: ({ heartbeats }) => heartbeats },
  { title: "invalid", value: ({ invalid }) => invalid },
  { title: "speaks from", value: ({ address }) => address },
  { title: "creator", value: ({ creator }) => creator || "-" },
  { title: "message", value: ({ message }) => message || "-", isText: true },
];

const historyColumns: readonly Column<HistoryLine>[] = [
  { title: "when", value: ({ at }) => formatDate(at) },
  { title: "state", value: ({ state }) => state },
  { title: "creator", value: ({ creator }) => creator || "-" },
  { title: "message", value: ({ message }) => message || "-", isText: true },
];

export function addComponents(program: Command, terminal: Terminal): void {
  const verb = withGatewayOptions(
    program
      .command("components")
      .description("programs that do work, and the gateway's own parts: how each is, and what it says")
      .argument("[name]", "its instances, and how each was before")
      .option("--json", "one object a line; with a name: what: instance, then what: history"),
  )
    // Options behind `forget` are its own.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nOne row an instance. state, by the rhythm of its own heartbeats: alive; late after 1.5 times that, dead after 3 times" +
        " or when its connection is gone; recovered; unknown after a single one. down: the part of it that works is not there;" +
        "\nsilent: it was given a task and has answered nothing." +
        "\nheard: since its last heartbeat; invalid: heartbeats that could not be read; here: a part of the gateway." +
        "\nIn the history also up and down, silent, and gone: its connection ended, in order or not. Who is gone is dead here" +
        " for a day, or until: bowline components forget NAME",
    )
    .action((name: string | undefined, options: ComponentsOptions) =>
      name === undefined ? list(options, terminal) : showOne(name, options, terminal),
    );

  withGatewayOptions(
    verb
      .command("forget")
      .description("shows a component that is dead no more, until it is heard again")
      .argument("<name>", "its name; of several that run under it those that are dead")
      .option("--json", "what was done, as one object"),
  )
    .addHelpText("after", "\nIts history goes with the last of them; the tasks it did stay.")
    // Those before `forget` say as well which gateway is meant.
    .action((name: string, options: ComponentsOptions) =>
      forget(name, { ...verb.opts(), ...options }, terminal),
    );
}

async function list(options: ComponentsOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const { components } = (await client.get("api/v1/components")) as ComponentList;
  const nothing =
    "no component has been heard yet: one says how it is after its first interval, often a minute";
  printListing({ rows: components, columns: columnsAt(Date.now()), nothing }, options, terminal);
}

async function showOne(name: string, options: ComponentsOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const path = `api/v1/components/${encodeURIComponent(name)}`;
  const { components, history } = (await client.get(path)) as ComponentHistory;
  if (options.json) {
    for (const one of components) terminal.print(formatJson({ what: "instance", ...one }));
    for (const line of history) terminal.print(formatJson({ what: "history", ...line }));
    return;
  }
  printListing({ rows: components, columns: columnsAt(Date.now()), nothing: "none runs now" }, {}, terminal);
  for (const { raw, address } of components)
    if (raw !== undefined)
      terminal.print(`last heartbeat of ${address} that could not be read: ${formatJson(raw)}`);
  if (history.length === 0) return;
  terminal.print("");
  printTable(historyColumns, history, terminal);
}

async function forget(name: string, options: ComponentsOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const path = `api/v1/components/${encodeURIComponent(name)}`;
  const answer = (await client.delete(path)) as ComponentForgotten;
  if (options.json) return terminal.print(formatJson(answer));
  const { forgotten } = answer;
  const those = forgotten === 1 ? "is" : `(${forgotten} of them) is`;
  terminal.print(`${printable(name)} ${those} forgotten, and shown again when it is heard`);
}

/** `alive`, `alive, down` */
function stateWords({ state, isDown, isSilent }: ComponentView): string {
  return [state, ...(isDown ? ["down"] : []), ...(isSilent ? ["silent"] : [])].join(", ");
}

function stateTone({ state, isDown, isSilent }: ComponentView): Tone | undefined {
  if (state === "dead" || isDown) return "bad";
  if (state === "late" || isSilent) return "warn";
  return state === "unknown" ? undefined : "good";
}
