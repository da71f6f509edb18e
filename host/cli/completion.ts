/** `bowline completion`: what a shell has to know to complete verbs, options, and the names of what is there. */
import { Argument, type Command } from "commander";
import { BowlineError } from "../platform/errors.ts";
import { GatewayClient } from "./gateway/client.ts";
import { locateGateway } from "./gateway/locate.ts";
import { bashCompletion } from "./papers/bash.ts";
import { fishCompletion } from "./papers/fish.ts";
import { namesOf } from "./papers/names.ts";
import { type NameKind, nameKinds } from "./papers/values.ts";
import { type VerbTree, verbTree } from "./papers/verb-tree.ts";
import { zshCompletion } from "./papers/zsh.ts";
import type { Terminal } from "./process/terminal.ts";

const shells: Readonly<Record<string, (tree: VerbTree) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Somebody has pressed a key, and waits. */
const PATIENCE_MS = 2000;

export function addCompletion(program: Command, terminal: Terminal): void {
  const verb = program
    .command("completion")
    .description("completes verbs, options and names in a shell")
    .addArgument(new Argument("<shell>", "whose completion is printed").choices(Object.keys(shells)))
    .addHelpText(
      "after",
      "\nOf boards, gateways, components, tasks and links, the running gateway is asked for their names." +
        "\n\nFor now, and in the shell's own file for good:" +
        '\n  eval "$(bowline completion bash)"        ~/.bashrc' +
        '\n  eval "$(bowline completion zsh)"         ~/.zshrc, behind compinit' +
        "\n  bowline completion fish | source         ~/.config/fish/config.fish" +
        '\nIn a clone, where the command is npx bowline: alias bowline="npx bowline" before it.',
    )
    .action((shell: string) => terminal.print(shells[shell](verbTree(program)).trimEnd()));
  verb
    .command("names", { hidden: true })
    .description("names that the running gateway knows, one a line; none where none runs")
    .addArgument(new Argument("<kind>", "of what").choices(nameKinds))
    .action((kind: NameKind) => printNames(kind, terminal));
}

async function printNames(kind: NameKind, terminal: Terminal): Promise<void> {
  try {
    const signal = AbortSignal.any([terminal.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const client = new GatewayClient(await locateGateway({}, terminal), signal);
    for (const name of await namesOf(kind, client)) terminal.print(name);
  } catch (error) {
    // Who completes is in the middle of a line: there is nothing to be told, and nothing to complete.
    if (!(error instanceof BowlineError) && !isTimeout(error)) throw error;
  }
}

const isTimeout = (error: unknown) =>
  error instanceof Error && ["TimeoutError", "AbortError"].includes(error.name);
