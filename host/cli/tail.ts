/** `bowline tail`: every message delivered, once each, in order, for as long as it is left running. */
import type { Command } from "commander";
import type { DeliveredMessage, GatewayEvent } from "../http/api.ts";
import type { BowlineError } from "../platform/errors.ts";
import { parseCount } from "./arguments/options.ts";
import { connectClient } from "./gateway/client.ts";
import { EventFeed, type FeedHandler } from "./gateway/event-feed.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatJson, printable } from "./output/display.ts";
import { formatMessage } from "./output/message-line.ts";
import type { Terminal } from "./process/terminal.ts";

interface TailOptions extends GatewayOptions {
  json?: boolean;
  from?: string;
  device?: string;
}

export function addTail(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("tail")
      .description("every message delivered, once each, in order, until Ctrl-C")
      .option("--json", "one object a line")
      .option(
        "--from <n>",
        "begin with message n; 0: with the oldest the store holds (default: with the next)",
      )
      .option("--device <id>", "only messages of this board"),
  )
    .addHelpText(
      "after",
      "\nMessages go to stdout; what happens to the connection goes to stderr, one line a change." +
        "\nA gateway that was restarted is waited for, and nothing is shown twice.",
    )
    .action((options: TailOptions) => tail(options, terminal));
}

async function tail(options: TailOptions, terminal: Terminal): Promise<void> {
  const from = options.from === undefined ? undefined : parseCount("--from", options.from);
  const connect = () => connectClient(options, terminal);
  const whenReady = () => terminal.whenReady();
  const { signal } = terminal;
  const feed = new EventFeed({ connect, from, signal, whenReady }, createPrinter(options, terminal));
  await feed.run();
}

/** Messages to stdout, changes of state to stderr. */
function createPrinter({ json, device }: TailOptions, terminal: Terminal): FeedHandler {
  const format = (message: DeliveredMessage) => (json ? formatJson(message) : formatMessage(message));
  return {
    onMessage(message: DeliveredMessage) {
      if (device === undefined || message.device === device) terminal.print(format(message));
    },
    onGap: (from, to) => terminal.warn(`tail: ${describeGap(from, to)} before they were read`),
    onFollowing: (gateway, how) => terminal.warn(`tail: ${describeState(gateway, how)}`),
    onLost: (error: BowlineError) => terminal.warn(`tail: ${error.message}; trying again until it is back`),
  };
}

function describeGap(from: number, to: number): string {
  return from === to
    ? `message ${from} was dropped from the store`
    : `messages ${from} to ${to} were dropped from the store`;
}

function describeState(gateway: GatewayEvent, how: "first" | "again" | "anew"): string {
  const name = printable(gateway.gateway);
  if (how === "first") return `following ${name}; Ctrl-C ends it`;
  if (how === "again") return `connected to ${name} again`;
  return `${name} was restarted: what its memory held is gone, messages are numbered from 1 again`;
}
