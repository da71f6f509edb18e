/** `bowline sessions`: the sessions of boards with this gateway. */
import type { Command } from "commander";
import type { SessionList } from "../http/api.ts";
import type { SessionView } from "../router/views.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { printListing } from "./output/listing.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";

const columns: readonly Column<SessionView>[] = [
  { title: "session", value: ({ id }) => id },
  { title: "board", value: ({ device }) => device || "-" },
  {
    title: "state",
    value: ({ state }) => state,
    tone: ({ state }) => (state === "open" ? "good" : "warn"),
  },
  { title: "via", value: ({ via }) => via || "-" },
  { title: "received", value: ({ received }) => received },
  { title: "acknowledged", value: ({ acknowledged }) => acknowledged },
  { title: "unacknowledged", value: ({ unacknowledged }) => unacknowledged },
  { title: "skipped", value: ({ skipped }) => skipped },
  { title: "connections", value: ({ connections }) => connections },
];

export function addSessions(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("sessions")
      .description("the sessions with boards, and what is on its way in them")
      .option("--json", "one object a line"),
  )
    .addHelpText(
      "after",
      "\nskipped: packets that came again after a reconnection and were not delivered twice.",
    )
    .action(async (options: GatewayOptions & { json?: boolean }) => {
      const client = await connectClient(options, terminal);
      const { sessions } = (await client.get("api/v1/sessions")) as SessionList;
      printListing({ rows: sessions, columns, nothing: "there is no session" }, options, terminal);
    });
}
