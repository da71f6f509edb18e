/** `bowline verify`: what the boards have counted, held against what the gateway durably has. */
import type { Command } from "commander";
import type { DeviceList, MessagePage } from "../http/api.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { DeviceView } from "../router/views.ts";
import { parseDuration } from "./arguments/duration.ts";
import { connectClient, type GatewayClient } from "./gateway/client.ts";
import { lossCodes } from "./gateway/http-call.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatCount } from "./output/amounts.ts";
import { formatJson } from "./output/display.ts";
import { printTable } from "./output/listing.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";
import {
  type Answer,
  type BoardInfo,
  type BoardRow,
  countBoard,
  faultsOf,
  faultsOfLife,
  isInfo,
} from "./verify/board-count.ts";
import { StoreAudit } from "./verify/store-audit.ts";

interface VerifyOptions extends GatewayOptions {
  json?: boolean;
  timeout: string;
}

/** The most the API gives at once. */
const PAGE = 1000;

const HELP = `
Every connected board is asked how many messages it has numbered. Its answer comes behind all of them, so that by then \
they are in the store or lost; what is sent meanwhile is not counted. Then every message of the store is read again: its \
numbers must go on by one, and those of each life of each board must come once and in order.

  sent          messages the board has numbered since it was switched on
  acknowledged  of these, what the gateway had promised the board to have when it was asked
  delivered     of these, what the gateway has, and what its store has given up since to stay within its limits (given up)
  suppressed    packets that came again and were dropped as repeats, since the gateway was started
  missing       what the gateway itself has missed, by what a board's hello said
  refused       messages the board had no room for, and said so
  difference    sent, and not delivered: must be 0

A board with a firmware of its own is counted when its answer to l:info has epoch, numbered, held and refused. Of a board \
that is away, or that does not count, only what the store holds is checked: it has - where a count would stand, and the \
last line says how many such there are. Of one behind another gateway, only that nothing came twice or out of order.

Exit code 7 when the difference is not 0, or a number came twice, out of order or not at all; 6 when a board that is \
connected does not answer.`;

const columns: readonly Column<BoardRow>[] = [
  { title: "board", value: ({ board }) => board },
  {
    title: "state",
    value: ({ state }) => state,
    tone: ({ state }) => (state === "no answer" ? "bad" : state === "counted" ? "good" : undefined),
  },
  { title: "sent", value: ({ sent }) => sent ?? "-" },
  { title: "acknowledged", value: ({ acknowledged }) => acknowledged ?? "-" },
  { title: "delivered", value: ({ delivered }) => delivered },
  { title: "given up", value: ({ givenUp }) => givenUp ?? "-" },
  { title: "suppressed", value: ({ suppressed }) => suppressed },
  { title: "missing", value: ({ missing }) => missing },
  { title: "refused", value: ({ refused }) => refused },
  {
    title: "difference",
    value: ({ difference }) => difference ?? "-",
    tone: ({ difference }) => (difference ? "bad" : undefined),
  },
];

export function addVerify(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("verify")
      .description("what boards have counted, held against what the gateway durably has")
      .option("--json", "one object a line: boards, then the store")
      .option("--timeout <duration>", "how long a board may take to answer; takes s, m, h", "10s"),
  )
    .addHelpText("after", HELP)
    .action((options: VerifyOptions) => verify(options, terminal));
}

async function verify(options: VerifyOptions, terminal: Terminal): Promise<void> {
  const timeoutS = parseDuration("--timeout", options.timeout) / 1000;
  const client = await connectClient(options, terminal, "the boards' own counts");
  const devices = await ownBoards(client);
  const answers = new Map<string, Answer>();
  await Promise.all(
    devices.map(async (device) => answers.set(device.id, await ask(client, device, timeoutS))),
  );
  const audit = await auditStore(client, answers, terminal);
  // Again: what has come since may have been what a board was behind with.
  const after = await ownBoards(client);
  const rows = after.map((device) => countBoard(device, answers.get(device.id) ?? "away", audit));
  const lives = audit.all();
  const faults = [...rows.flatMap(faultsOf), ...lives.flatMap(faultsOfLife)];
  if (audit.gaps > 0) faults.push(`the store's own numbers have ${audit.gaps} gaps`);
  const silent = rows.filter(({ state }) => state === "no answer").map(({ board }) => board);
  const verdict = faults.length > 0 ? "fail" : silent.length > 0 ? "unknown" : "pass";
  if (options.json) printJson(rows, audit, verdict, terminal);
  else printCounts(rows, audit, verdict, terminal);
  if (faults.length > 0) {
    const text = `counting what boards sent and what the gateway has: ${faults.join("; ")}; expected: none of it`;
    throw new BowlineError("VERIFY_FAILED", text, ExitCode.verification, "bowline devices");
  }
  if (silent.length > 0) {
    const text = `asking ${silent.join(", ")} for its count: no answer in ${timeoutS} s`;
    throw new BowlineError("BOARD_SILENT", text, ExitCode.timeout, "bowline devices");
  }
}

/** What boards behind other gateways have sent is for those to count; here is what was subscribed to. */
async function ownBoards(client: GatewayClient): Promise<DeviceView[]> {
  const { devices } = (await client.get("api/v1/devices")) as DeviceList;
  return devices.filter(({ gateway }) => gateway === "");
}

async function ask(client: GatewayClient, device: DeviceView, timeoutS: number): Promise<Answer> {
  if (!device.connected) return "away";
  const path = `api/v1/devices/${encodeURIComponent(device.id)}/requests?timeout=${timeoutS}`;
  try {
    const reply = (await client.post(path, { ot: "l:info" })) as Partial<BoardInfo>;
    return isInfo(reply) ? reply : "no count";
  } catch (error) {
    // Without a gateway there is nothing to verify; anything else is about this board.
    if (error instanceof BowlineError && !lossCodes.includes(error.code)) return "no answer";
    throw error;
  }
}

/** Reads the store from its oldest message to the newest there is now. */
async function auditStore(
  client: GatewayClient,
  answers: ReadonlyMap<string, Answer>,
  terminal: Terminal,
): Promise<StoreAudit> {
  const audit = new StoreAudit((device, epoch) => {
    const answer = answers.get(device);
    const isCounted = typeof answer === "object" && answer.epoch === epoch;
    return isCounted ? answer.numbered : Number.POSITIVE_INFINITY;
  });
  const { store } = (await client.get("api/v1/status")) as { store: { next: number } };
  for (let from = 0; from < store.next; ) {
    const page = (await client.get(`api/v1/messages?from=${from}&limit=${PAGE}`)) as MessagePage;
    if (page.next < from) throw beganAnew();
    if (page.oldest > from) audit.skipTo(page.oldest);
    for (const message of page.messages) if (message.n < store.next) audit.take(message);
    terminal.progress(`reading the store: ${page.next} of ${store.next}`);
    from = page.next;
  }
  return audit;
}

function beganAnew(): BowlineError {
  const text = "reading the store: its numbers have begun anew meanwhile";
  return new BowlineError("STORE_CHANGED", text, ExitCode.verification, "bowline verify");
}

function printCounts(rows: BoardRow[], audit: StoreAudit, verdict: string, terminal: Terminal): void {
  if (rows.length === 0) terminal.print("no board has said hello yet");
  else printTable(columns, rows, terminal);
  const { messages, first, last, gaps } = audit;
  const range =
    messages === 0 ? "" : `, ${first} to ${last}, ${gaps === 0 ? "without a gap" : `${gaps} gaps`}`;
  terminal.print(`store: ${messages} messages${range}, read again`);
  const uncounted = countUncounted(rows);
  const note =
    uncounted === 0 ? "" : ` (${uncounted} of ${formatCount(rows.length, "board")} could not be counted)`;
  terminal.print(`${verdict.toUpperCase()}${note}`);
}

const countUncounted = (rows: BoardRow[]) => rows.filter(({ state }) => state !== "counted").length;

function printJson(rows: BoardRow[], audit: StoreAudit, verdict: string, terminal: Terminal): void {
  for (const row of rows) terminal.print(formatJson(row));
  const { messages, first, last, gaps } = audit;
  const uncounted = countUncounted(rows);
  const store = { messages, first, last, gaps };
  terminal.print(formatJson({ verdict, uncounted, store, lives: audit.all() }));
}
