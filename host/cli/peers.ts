/** `bowline peers`: the other gateways, and what they have to know of this one. */
import type { Command } from "commander";
import type { PeersView, ReloadView } from "../http/api.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, hostInUrl, withGatewayOptions } from "./gateway/locate.ts";
import { formatAge, formatBytes } from "./output/amounts.ts";
import { formatJson, printable } from "./output/display.ts";
import { printTable } from "./output/listing.ts";
import type { Column } from "./output/table.ts";
import { hang } from "./output/wrap.ts";
import type { Terminal } from "./process/terminal.ts";

type Peer = PeersView["peers"][number];
type Self = PeersView["gateway"];

const columns: readonly Column<Peer>[] = [
  { title: "gateway", value: ({ name }) => name },
  { title: "id", value: ({ id }) => id },
  {
    title: "state",
    value: ({ state }) => state,
    tone: ({ state }) => (state === "open" ? "good" : "warn"),
  },
  { title: "via", value: ({ via }) => via || "-" },
  { title: "dialled by", value: ({ via, isDialled }) => (via === "" ? "-" : isDialled ? "this" : "it") },
  { title: "waiting", value: ({ waiting }) => waiting.packets },
  { title: "bytes", value: ({ waiting }) => formatBytes(waiting.bytes) },
  { title: "oldest", value: ({ waiting: { oldestMs } }) => (oldestMs === null ? "-" : formatAge(oldestMs)) },
  { title: "received", value: ({ received }) => received },
  { title: "repeats", value: ({ repeats }) => repeats },
  { title: "faults", value: ({ faults }) => faults },
  { title: "sessions", value: ({ sessions }) => sessions },
  { title: "connections", value: ({ connections }) => connections },
  { title: "leads to", value: ({ leadsTo }) => leadsTo.join(", ") || "-", isText: true },
  { title: "subscribed to", value: ({ subscribe }) => subscribe.join(", ") || "-", isText: true },
];

export function addPeers(program: Command, terminal: Terminal): void {
  const peers = program.command("peers").description("the other gateways, and this one's host id");
  withGatewayOptions(
    peers
      .command("reload")
      .description(
        "the gateway reads the sections peers and monique anew; what has not changed in them goes on",
      )
      .option("--json", "what has changed, as one object"),
  ).action((_: unknown, command: Command) => reload(command.optsWithGlobals(), terminal));
  withGatewayOptions(peers.option("--json", "one object a line: this gateway (self: true), then each other"))
    .addHelpText(
      "after",
      "\nstate: open, suspended (the session waits for a connection), connecting, or absent (no session)." +
        "\nwaiting: packets that it has not acknowledged; oldest: how long the first of them has waited." +
        "\nrepeats: what came a second time and was not taken again; faults: frames that were not understood." +
        "\nWhat waits in detail, and withdrawing it: bowline queue GATEWAY",
    )
    .action(async (options: GatewayOptions & { json?: boolean }) => {
      const client = await connectClient(options, terminal);
      const { gateway, peers } = (await client.get("api/v1/peers")) as PeersView;
      if (options.json) {
        for (const row of [{ self: true, ...gateway }, ...peers.map((peer) => ({ self: false, ...peer }))])
          terminal.print(formatJson(row));
        return;
      }
      const self = `${gateway.name}, host id ${gateway.id}, ${listening(gateway, peers.length > 0)}`;
      for (const line of hang("this gateway: ", printable(self), terminal.columns)) terminal.print(line);
      if (peers.length === 0) for (const line of firstSteps(gateway)) terminal.warn(line);
      else printTable(columns, peers, terminal);
      for (const peer of peers) {
        const why = whyAway(peer);
        if (why !== "") terminal.warn(printable(`${peer.name}: ${why}`));
      }
    });
}

async function reload(options: GatewayOptions & { json?: boolean }, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const view = (await client.post("api/v1/peers/reload", {})) as ReloadView;
  if (options.json) return terminal.print(formatJson(view));
  const { peers, monique = {}, restart } = view;
  const lines = [...changesOf("", peers), ...changesOf("workers of ", monique)];
  for (const line of lines) terminal.print(printable(line));
  if (lines.length === 0) terminal.print("no gateway has changed, and no spec that has workers");
  if (restart.length > 0) terminal.warn(`changed as well, for the next start: ${restart.join(", ")}`);
}

/** `added 42, 43`, `removed workers of example_clock` */
function changesOf(whose: string, changes: object): string[] {
  return Object.entries(changes as Record<string, string[]>)
    .filter(([, ids]) => ids.length > 0)
    .map(([what, ids]) => `${what} ${whose}${ids.join(", ")}`);
}

function listening({ listen }: Self, hasOthers: boolean): string {
  if (listen === null) return "does not listen for others (peers.listen)";
  const at = `${hostInUrl(listen.host)}:${listen.port}`;
  if (listen.isOpen) return `listens on ${at}`;
  // A reload was refused; it says why as often as it is asked.
  if (hasOthers) return `could not listen on ${at}: npx bowline peers reload`;
  return `will listen on ${at} once another is configured`;
}

/** Why there is no connection, and what comes next; "" while there is one. */
function whyAway({ state, fault, nextTryMs }: Peer): string {
  if (state === "open") return "";
  const next =
    nextTryMs !== null
      ? `next try in ${formatAge(nextTryMs)}`
      : state === "connecting"
        ? "it is tried just now"
        : "waits for it to connect";
  return [fault, next].filter(Boolean).join("; ");
}

/** What to write where, to be pasted. */
function firstSteps({ id, name, listen }: Self): string[] {
  const port = listen === null || listen.port === 0 ? 12_002 : listen.port;
  return [
    "no other gateway is configured. Each of the two is told of the other in its bowline.yaml:",
    "",
    "# here; `npx bowline peers` there tells its id",
    "peers:",
    "  listen: { host: 0.0.0.0 }",
    "  connect:",
    '    - { id: "ID-OF-THE-OTHER", name: other, host: ADDRESS-OF-THE-OTHER }',
    "",
    "# there",
    "peers:",
    "  listen: { host: 0.0.0.0 }",
    "  connect:",
    `    - { id: "${id}", name: ${printable(name)}, host: ADDRESS-OF-THIS-ONE, port: ${port} }`,
    "",
    "Between machines both need the same key, which is made on one of the two and copied to the other:",
    "  here   npx bowline key add ID-OF-THE-OTHER --peer --out for-other.key",
    `  there  npx bowline key add ${id} --peer --in for-other.key`,
  ];
}
