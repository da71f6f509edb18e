/** `bowline irc`, `irc peers`, `irc key`, `irc ask`: IRC as the running gateway has it. */
import type { Command } from "commander";
import type { IrcView } from "../../http/api.ts";
import { isStrictAddress } from "../../irc-iot/address.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { parseDuration } from "../arguments/duration.ts";
import { parseJsonObject } from "../arguments/json-argument.ts";
import { connectClient } from "../gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "../gateway/locate.ts";
import { formatAge } from "../output/amounts.ts";
import { formatJson, printable } from "../output/display.ts";
import { printListing, printTable } from "../output/listing.ts";
import type { Column } from "../output/table.ts";
import type { Terminal } from "../process/terminal.ts";

type Network = IrcView["networks"][number];
type Channel = Network["channels"][number] & { network: string };
type Route = IrcView["routes"][number];
type Peer = Network["peers"][number] & { network: string };
type JsonOption = GatewayOptions & { json?: boolean };

const networkColumns: readonly Column<Network>[] = [
  { title: "network", value: ({ name }) => name },
  { title: "server", value: ({ server }) => server },
  {
    title: "state",
    value: ({ state }) => state,
    tone: ({ state }) => (state === "online" ? "good" : "warn"),
  },
  { title: "nick", value: ({ nick }) => nick },
  { title: "account", value: ({ account }) => account ?? "-" },
  { title: "lines in", value: ({ counts }) => counts.linesIn },
  { title: "out", value: ({ counts }) => counts.linesOut },
  { title: "lost", value: ({ counts }) => counts.lost },
  { title: "waiting", value: ({ queue }) => queue.control + queue.fresh + queue.again },
  { title: "connections", value: ({ counts }) => counts.connections },
];

const channelColumns: readonly Column<Channel>[] = [
  { title: "channel", value: ({ name }) => name },
  { title: "network", value: ({ network }) => network },
  {
    title: "state",
    value: sayState,
    tone: ({ state }) => (state === "joined" ? "good" : "warn"),
    isText: true,
  },
  { title: "members", value: ({ members }) => members },
];

const routeColumns: readonly Column<Route>[] = [
  { title: "route to", value: ({ target }) => target },
  { title: "boards", value: ({ devices }) => devices.join(", "), isText: true },
  { title: "types", value: ({ types }) => types.join(", "), isText: true },
  { title: "detail", value: ({ detail }) => detail },
  { title: "told", value: ({ told }) => told },
  { title: "behind", value: ({ behind }) => behind },
  { title: "unconfirmed", value: ({ unconfirmed }) => unconfirmed },
  { title: "again", value: ({ again }) => again },
  { title: "left out", value: ({ skipped }) => sayCounts(skipped), isText: true },
];

const peerColumns: readonly Column<Peer>[] = [
  { title: "nick", value: ({ nick }) => nick },
  { title: "network", value: ({ network }) => network },
  { title: "name", value: ({ peer }) => peer ?? "-" },
  { title: "version", value: ({ version }) => version ?? "-" },
  { title: "profile", value: ({ profile }) => profile },
  { title: "signed", value: ({ isSigned }) => (isSigned ? "yes" : "no") },
  { title: "datums", value: ({ datums }) => datums },
  { title: "faults", value: ({ faults }) => faults },
  {
    title: "round trip",
    value: ({ roundTripMs }) => (roundTripMs === null ? "-" : `${Math.round(roundTripMs)} ms`),
  },
];

export function addIrcStatus(irc: Command, terminal: Terminal): void {
  withGatewayOptions(irc.option("--json", "networks, routes and counts as one object"))
    .addHelpText(
      "after",
      "\nroutes, since the gateway started: told, messages that were said; behind, messages not looked at; unconfirmed, lines" +
        " that the server has not confirmed; again, lines that were said twice since they may have been lost. Left out, since the" +
        " route is there: thinned by everyS or onChange; overtaken by a newer one of its board and type while it waited; too old.",
    )
    .action(async (options: JsonOption) => showStatus(await view(options, terminal), options, terminal));
  withGatewayOptions(
    irc.command("peers").description("who speaks IRC-IoT there").option("--json", "one object a line"),
  ).action(async (_: unknown, command: Command) => {
    const options: JsonOption = command.optsWithGlobals();
    const { networks } = await view(options, terminal);
    const rows = networks.flatMap(({ name, peers }) => peers.map((peer) => ({ ...peer, network: name })));
    printListing({ rows, columns: peerColumns, nothing: "nobody has spoken IRC-IoT yet" }, options, terminal);
  });
  withGatewayOptions(
    irc
      .command("key")
      .description("the key this gateway signs with, and keys of others that were heard")
      .option("--json", "as one object"),
  ).action(async (_: unknown, command: Command) => showKeys(command.optsWithGlobals(), terminal));
  withGatewayOptions(
    irc
      .command("ask")
      .description("a request to a board of another gateway, over IRC; prints the Datum that answers")
      .argument("<address>", "of the board: sim-1@attic")
      .argument("<type>", "type of the request: l:info, l:led, …")
      .argument("[json]", "its fields, a JSON object")
      .requiredOption("--via <nick>", "whom it is said to: the nick of its gateway, or a channel")
      .option("--json", "one object, as without it")
      .option("--network <name>", "the IRC network; the first when absent")
      .option("--timeout <duration>", "how long the answer is waited for; takes s, m, h", "30s"),
  ).action((address: string, type: string, json: string | undefined, _: unknown, command: Command) =>
    ask(address, type, json, command.optsWithGlobals(), terminal),
  );
}

async function view(options: GatewayOptions, terminal: Terminal): Promise<IrcView> {
  const client = await connectClient(options, terminal);
  return (await client.get("api/v1/irc")) as IrcView;
}

function showStatus(irc: IrcView, options: JsonOption, terminal: Terminal): void {
  if (options.json) return terminal.print(formatJson(irc));
  const { enabled, networks, routes, commands } = irc;
  if (!enabled) return terminal.warn("no IRC network is configured: irc.host, irc.nick, irc.channels");
  const channels = networks.flatMap(({ name, channels }) =>
    channels.map((one) => ({ ...one, network: name })),
  );
  printTable(networkColumns, networks, terminal);
  terminal.print("");
  printTable(channelColumns, channels, terminal);
  if (routes.length > 0) {
    terminal.print("");
    printTable(routeColumns, routes, terminal);
  }
  const { accepted, refused, open, people, silenced } = commands;
  terminal.print(`requests: ${accepted} accepted, ${refused} refused, ${open} open`);
  terminal.print(
    `people: ${people} questions and commands; ${silenced} answers not said, to who had many (6 at once, one in 10 s)`,
  );
  for (const { target, network, refusals } of routes)
    if (refusals > 0)
      terminal.warn(
        printable(
          `${network}: what is for ${target} was refused ${refusals} times: nobody there has that nick, or we may not speak there`,
        ),
      );
  for (const { name, silent } of networks)
    for (const nick of silent)
      terminal.warn(
        printable(`${name}: ${nick} does not answer any more; what is said may not be heard there`),
      );
  for (const { name, state, mend } of channels)
    if (state !== "joined" && state !== "absent" && mend !== "") {
      terminal.warn(printable(`${name}: ${state}`));
      terminal.warn(printable(`  mend: ${mend}`));
    }
  for (const { name, state, lastError, nextTryMs } of networks) {
    if (state === "online" || lastError === null) continue;
    const next = nextTryMs === null ? "" : `; next try in ${formatAge(nextTryMs)}`;
    terminal.warn(printable(`${name}: ${lastError.text} [${lastError.code}]${next}`));
    if (lastError.mend !== "") terminal.warn(printable(`  mend: ${lastError.mend}`));
  }
}

async function showKeys(options: JsonOption, terminal: Terminal): Promise<void> {
  const { key, networks } = await view(options, terminal);
  const pending = networks.flatMap(({ pendingKeys }) => pendingKeys);
  if (options.json) return terminal.print(formatJson({ key, pending }));
  if (key === null) terminal.warn("this gateway does not sign: irc.sign.enabled");
  else {
    terminal.print(`this gateway signs with ${key}`);
    terminal.print("where it is to be believed:");
    terminal.print(`  operators: [ { name: NAME, key: ${key} } ]`);
  }
  for (const { nick, account, key: theirs } of pending)
    terminal.print(
      printable(
        `heard, and not pinned: ${theirs} of ${nick}${account === null ? "" : `, account ${account}`}`,
      ),
    );
}

interface AskOptions extends GatewayOptions {
  via: string;
  network?: string;
  timeout: string;
}

async function ask(
  to: string,
  type: string,
  json: string | undefined,
  options: AskOptions,
  terminal: Terminal,
): Promise<void> {
  const { via, network, timeout } = options;
  const fields = json === undefined ? {} : parseJsonObject("JSON", json);
  refuseOddNames(to, type);
  const timeoutS = parseDuration("--timeout", timeout) / 1000;
  const client = await connectClient(options, terminal, `${to}, over IRC`);
  const body = { to, via, ...(network !== undefined && { network }), message: { ...fields, ot: type } };
  const answer = (await client.post(`api/v1/irc/ask?timeout=${timeoutS}`, body)) as Record<string, unknown>;
  terminal.print(formatJson(answer));
  if (answer.err === undefined) return;
  const text = `asking ${to} over IRC: ${printable(String(answer.err))}`;
  const code = String(answer.code ?? "REQUEST_REFUSED");
  // Signed, it was said twice already: the key is no operator there.
  throw new BowlineError(code, text, ExitCode.refused, code === "NOT_PROVED" ? "bowline irc key" : "");
}

/** What nobody can have: it would be said, and its answer waited for in vain. */
function refuseOddNames(to: string, type: string): void {
  const refuse = (what: string, seen: string, allowed: string) => {
    const text = `asking over IRC: ${what} ${JSON.stringify(printable(seen))}; allowed: ${allowed}`;
    throw new BowlineError("USAGE", text, ExitCode.usage, "bowline irc ask --help");
  };
  if (!isStrictAddress(to) || !/[^@]@[^@]/.test(to))
    refuse("the address", to, "one as sim-1@attic, board@gateway");
  if (!/^(l:)?[^\s\p{C}:]+$/u.test(type)) refuse("the type", type, "one as l:led");
}

/** While we are away the reason is that of the whole network, which is told below. */
function sayState({ state, reason }: Channel): string {
  return reason === "" || state === "absent" ? state : `${state}: ${reason}`;
}

function sayCounts(counts: object): string {
  const said = Object.entries(counts).filter(([, count]) => count > 0);
  return said.map(([name, count]) => `${name === "unchanged" ? "thinned" : name} ${count}`).join(", ") || "-";
}
