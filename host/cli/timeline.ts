/** `bowline timeline`: what happened, to everything or to one board, port, gateway, … */
import type { Command } from "commander";
import {
  type Happening,
  type HappeningKind,
  subjectKinds,
  type TimelinePage,
} from "../timeline/happening.ts";
import { parseDuration } from "./arguments/duration.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import type { Tone } from "./output/colour.ts";
import { formatHappening, formatSubject } from "./output/happening-words.ts";
import { printListing } from "./output/listing.ts";
import { formatDate } from "./output/message-line.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";
import { isOf, OWN_KIND, refuseUnknown } from "./timeline/timeline-subject.ts";

type TimelineOptions = GatewayOptions & { since: string; json?: boolean };

/** All that a gateway keeps. */
const MOST = 5000;

const tones: Partial<Record<HappeningKind, Tone>> = {
  ...{ up: "good", resumed: "good", mended: "good", down: "warn", over: "warn", fault: "bad", loss: "bad" },
};

const columns: readonly Column<Happening>[] = [
  { title: "when", value: ({ at }) => formatDate(at) },
  { title: "of", value: ({ subject }) => formatSubject(subject), isText: true },
  { title: "event", value: ({ kind }) => kind, tone: ({ kind }) => tones[kind] },
  { title: "what", value: formatHappening, isText: true },
];

export function addTimeline(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("timeline")
      .description("what happened: breaks, resumes, repeats, faults and their mends")
      .argument(
        "[subject]",
        "a name, or KIND:NAME, as board:kitchen, port:/dev/ttyACM0, gateway:gw2; gateway: this one; store",
      )
      .option("--since <time>", "how far back, as 30m, 24h or 336h", "24h")
      .option("--json", "one object a line"),
  )
    .addHelpText(
      "after",
      `\nThe oldest first. Kinds: ${subjectKinds.filter((kind) => kind !== OWN_KIND).join(", ")}.` +
        "\nup, down: it came, it went; resumed: a session went on after a break, and what was sent again; over: a session ended;" +
        " repeats: what came twice was dropped; loss: messages may be missing; reset: it began anew; moved: it is on another port." +
        "\nKept over a restart: the newest 5000, for 14 days or longer. What repeats is one line with a count.",
    )
    .action((subject: string | undefined, options: TimelineOptions) => list(subject, options, terminal));
}

async function list(
  subject: string | undefined,
  options: TimelineOptions,
  terminal: Terminal,
): Promise<void> {
  const from = Date.now() - parseDuration("--since", options.since);
  const client = await connectClient(options, terminal);
  const path = `api/v1/timeline?from=${from}&limit=${MOST}`;
  const { happenings, gaveUpBefore } = (await client.get(path)) as TimelinePage;
  const rows = happenings.filter((one) => subject === undefined || isOf(one.subject, subject)).reverse();
  if (rows.length === 0 && subject !== undefined) await refuseUnknown(subject, client);
  const whom = subject === undefined ? "" : ` to ${subject}`;
  printListing(
    { rows, columns, nothing: `nothing happened${whom} in the last ${options.since}` },
    options,
    terminal,
  );
  if (gaveUpBefore > from)
    terminal.warn(`what happened before ${formatDate(gaveUpBefore)} is not kept any more`);
}
