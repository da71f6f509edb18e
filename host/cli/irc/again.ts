/** `bowline irc again`: asks for what was lost, a Container, an Object or a Datum of IRC-IoT, by its id. */
import { Argument, type Command } from "commander";
import { connectClient } from "../gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "../gateway/locate.ts";
import type { Terminal } from "../process/terminal.ts";

interface AgainOptions extends GatewayOptions {
  via: string;
  everybody?: boolean;
  owner?: string;
  network?: string;
}

/** Of whoever said it; of everybody one more (IRC-IoT S-6). */
const kinds: Readonly<Record<string, number>> = { container: 10, object: 20, datum: 30 };

export function addIrcAgain(irc: Command, terminal: Terminal): void {
  withGatewayOptions(
    irc
      .command("again")
      .description("asks on IRC for what was lost; what comes is heard as everything is")
      .addArgument(new Argument("<what>", "what its id is of").choices(Object.keys(kinds)))
      .argument("<id>", "its mid, oid or did")
      .requiredOption("--via <nick>", "whom it is said to: who said it, or a channel")
      .option("--everybody", "whoever heard it may say it again, not only who said it first")
      .option("--owner <nick>", "in a channel, whom it is for")
      .option("--network <name>", "the IRC network; the first when absent"),
  ).action(async (what: string, id: string, _: unknown, command: Command) => {
    const options: AgainOptions = command.optsWithGlobals();
    const { via, everybody = false, owner, network } = options;
    const client = await connectClient(options, terminal);
    await client.post("api/v1/irc/again", {
      ...{ kind: kinds[what] + (everybody ? 1 : 0), id, via },
      ...(owner !== undefined && { owner }),
      ...(network !== undefined && { network }),
    });
  });
}
