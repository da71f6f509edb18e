/** Completion for fish, with what verbs and options do. */
import type { Option } from "commander";
import { kindOf, type Value, valuedFlags, valueOfArgument, valueOfOption } from "./values.ts";
import { allVerbs, type VerbTree } from "./verb-tree.ts";

export function fishCompletion(tree: VerbTree): string {
  const verbs = [tree, ...allVerbs(tree)];
  return `# Completion of bowline for fish: bowline completion fish | source

# The verb that is typed so far, and how many arguments behind it.
function __bowline_typed
    set -l words (commandline -opc)
    set -l verb ""
    set -l at 0
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word ${valuedFlags(tree).join(" ")}
            set skip 1
        else if string match -q -- '-*' $word
        else if test $at = 0; and contains -- (string trim -- "$verb $word") ${verbs
          .slice(1)
          .map(({ name }) => quoted(name))
          .join(" ")}
            set verb (string trim -- "$verb $word")
        else
            set at (math $at + 1)
        end
    end
    echo "$verb"
    echo $at
end

function __bowline_is
    set -l typed (__bowline_typed)
    test "$typed[1]" = "$argv[1]"
end

function __bowline_at
    set -l typed (__bowline_typed)
    test "$typed[1]" = "$argv[1]"; and test "$typed[2]" $argv[2..-1]
end

complete -c bowline -f
${verbs.flatMap(linesOf).join("\n")}
`;
}

function linesOf(verb: VerbTree): string[] {
  const is = `__bowline_is ${doubleQuoted(verb.name)}`;
  const at = (test: string) => `__bowline_at ${doubleQuoted(verb.name)} ${test}`;
  const last = verb.arguments.length - 1;
  return [
    ...verb.verbs.map(({ name, description }) =>
      complete(at("-eq 0"), [`-a ${name.split(" ").at(-1)}`], description),
    ),
    ...verb.options.map((option) => complete(is, optionWords(verb, option), option.description)),
    ...verb.arguments.flatMap((argument, i) => {
      const words = valueWords(valueOfArgument(verb, argument));
      const test = i === last && argument.variadic ? `-ge ${i}` : `-eq ${i}`;
      return words.length === 0 ? [] : [complete(at(test), words, "")];
    }),
  ];
}

function complete(condition: string, words: readonly string[], description: string): string {
  const about = description === "" ? "" : ` -d ${quoted(description)}`;
  return `complete -c bowline -n ${quoted(condition)} ${words.join(" ")}${about}`;
}

function optionWords(verb: VerbTree, option: Option): string[] {
  const { short, long } = option;
  const names = [...(short ? [`-s ${short.slice(1)}`] : []), ...(long ? [`-l ${long.slice(2)}`] : [])];
  if (!option.required) return names;
  const words = valueWords(valueOfOption(verb, option));
  return [...names, words.includes("-F") ? "-r" : "-x", ...words];
}

function valueWords(value: Value): string[] {
  if (value === undefined) return [];
  if (value === "files") return ["-F"];
  if (typeof value !== "string") return [`-a ${quoted(value.words.join(" "))}`];
  return [`-a ${quoted(`(bowline completion names ${kindOf(value)} 2>/dev/null)`)}`];
}

/** In fish a backslash escapes within single quotes too. */
const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const doubleQuoted = (text: string) => `"${text}"`;
