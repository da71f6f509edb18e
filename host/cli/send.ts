/** `bowline send`: a request to a board, and its reply. */
import type { Command } from "commander";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { suggest } from "../platform/suggest.ts";
import type { DeviceView } from "../router/views.ts";
import { parseUpToHour } from "./arguments/duration.ts";
import { parseJsonObject } from "./arguments/json-argument.ts";
import { connectClient } from "./gateway/client.ts";
import { KeyedRequest } from "./gateway/keyed-request.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatJson, printable } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";

interface SendOptions extends GatewayOptions {
  timeout: string;
}

export function addSend(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("send")
      .description("a request to a board; prints the reply; Ctrl-C withdraws it")
      .argument("<device>", "the board, as in `bowline devices`")
      .argument("<type>", "type of the request: l:info, l:led, …")
      .argument("[json]", "its fields, a JSON object")
      .option("--timeout <duration>", "how long the reply is waited for; takes s, m, h", "10s")
      .option("--json", "one object, as without it"),
  )
    .addHelpText(
      "after",
      "\nA gateway that is restarted meanwhile is waited for: it is the same request, and runs once." +
        "\nExample:\n  bowline send sim-1 l:led '{\"on\":true}'",
    )
    .action((device: string, type: string, json: string | undefined, options: SendOptions) =>
      send(device, type, json, options, terminal),
    );
}

async function send(
  device: string,
  type: string,
  json: string | undefined,
  options: SendOptions,
  terminal: Terminal,
): Promise<void> {
  const fields = json === undefined ? {} : parseJsonObject("JSON", json);
  const timeoutMs = parseUpToHour("--timeout", options.timeout);
  if (fields.ot !== undefined && fields.ot !== type) throw twoTypes(type, fields.ot);
  const path = `api/v1/devices/${encodeURIComponent(device)}/requests?timeout=${timeoutMs / 1000}`;
  const asking = new KeyedRequest(options, terminal, path, { ot: type, ...fields }, timeoutMs, device);
  const reply = (await asking.run().catch(async (error) => {
    if (terminal.signal.aborted) terminal.warn(`send: ${await asking.withdraw()}`);
    throw error;
  })) as { err?: unknown };
  terminal.print(formatJson(reply));
  if (reply.err !== undefined) throw await refused(device, type, reply.err, options, terminal);
}

function twoTypes(type: string, ot: unknown): BowlineError {
  const text = `reading JSON: its ot is ${JSON.stringify(ot)}, the type before it ${JSON.stringify(type)}; leave ot out`;
  return new BowlineError("USAGE", text, ExitCode.usage);
}

/** A type the board never said it knows is likely mistyped; what it knows is said then. */
async function refused(
  device: string,
  type: string,
  err: unknown,
  options: SendOptions,
  terminal: Terminal,
): Promise<BowlineError> {
  const caps = await askCaps(device, options, terminal);
  const seen = typeof err === "string" ? printable(err) : formatJson(err);
  const isKnown = caps.length === 0 || caps.includes(type);
  const nearest = isKnown ? undefined : suggest(type, caps);
  const question = nearest === undefined ? "" : `; did you mean ${printable(nearest)}?`;
  const allowed = isKnown
    ? ""
    : `${question}${question ? "" : ";"} allowed: ${caps.map(printable).join(", ")}`;
  const text = `sending ${type} to ${device}: the board answered with the error ${JSON.stringify(seen)}${allowed}`;
  return new BowlineError("REQUEST_REFUSED", text, ExitCode.refused);
}

/** The requests the board named in its hello; none when it named none, or the gateway has gone meanwhile. */
async function askCaps(device: string, options: SendOptions, terminal: Terminal): Promise<string[]> {
  try {
    const client = await connectClient(options, terminal);
    return ((await client.get(`api/v1/devices/${encodeURIComponent(device)}`)) as DeviceView).caps;
  } catch (error) {
    // The board's own words are what matters, and they are there.
    if (error instanceof BowlineError) return [];
    throw error;
  }
}
