/** The verbs of the command as its help has them, for what else is made of that: the manual, and completion in shells. */
import type { EventEmitter } from "node:events";
import type { Argument, Command, Option } from "commander";

export interface VerbTree {
  /** `queue inspect`; "" for the command itself. */
  name: string;
  description: string;
  /** Behind the name. */
  usage: string;
  arguments: readonly Argument[];
  options: readonly Option[];
  verbs: readonly VerbTree[];
  /** What stands below the options. */
  after: string;
}

export function verbTree(command: Command, words: readonly string[] = []): VerbTree {
  const help = command.createHelp();
  const verbs = help.visibleCommands(command).filter((verb) => command.commands.includes(verb));
  return {
    name: words.join(" "),
    description: command.description(),
    usage: command.usage(),
    arguments: command.registeredArguments,
    options: help.visibleOptions(command),
    verbs: verbs.map((verb) => verbTree(verb, [...words, verb.name()])),
    after: afterOf(command),
  };
}

/** Every verb, in the order of help. */
export function allVerbs(tree: VerbTree): VerbTree[] {
  return tree.verbs.flatMap((verb) => [verb, ...allVerbs(verb)]);
}

/** As commander itself asks for it. */
function afterOf(command: Command): string {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  (command as Command & EventEmitter).emit("afterHelp", { error: false, write, command });
  return text.replace(/^\n|\n$/g, "");
}
