/** Completion for zsh, with what verbs and options do. */
import { flagsOf, kindOf, valuedFlags, valueOfArgument, valueOfOption } from "./values.ts";
import { allVerbs, type VerbTree } from "./verb-tree.ts";

export function zshCompletion(tree: VerbTree): string {
  const verbs = [tree, ...allVerbs(tree)];
  return `#compdef bowline
# Completion of bowline for zsh: eval "$(bowline completion zsh)", or as a file _bowline in a folder of fpath

_bowline() {
  local verb="" word value i at=0
  local -a verbs options kinds valued
  valued=(${valuedFlags(tree).join(" ")})
  _bowline_verb ""
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if (( $valued[(Ie)$word] )); then
      (( i++ ))
    elif [[ $word != -* && -n \${(M)verbs:#$word:*} ]]; then
      verb=\${verb:+$verb }$word
      _bowline_verb "$verb"
    elif [[ $word != -* ]]; then
      (( at++ ))
      verbs=()
    fi
  done
  if _bowline_value "$verb" "$words[CURRENT-1]"; then
    _bowline_reply
  elif [[ $words[CURRENT] == -* ]]; then
    _describe -o option options
  else
    (( $#verbs )) && _describe verb verbs
    value=\${kinds[at+1]:--}
    [[ $kinds[-1] == + && at -ge $(( $#kinds - 1 )) ]] && value=$kinds[-2]
    _bowline_reply
  fi
}

# What $value stands for.
_bowline_reply() {
  case $value in
    -) ;;
    files) _files ;;
    \\=*) compadd -- \${(s:,:)value#=} ;;
    *) compadd -- \${(f)"$(bowline completion names $value 2>/dev/null)"} ;;
  esac
}

# What may follow a verb: verbs of its own, its options, and the kinds of its arguments.
_bowline_verb() {
  verbs=() options=() kinds=()
  case $1 in
${verbs.map(verbCase).join("\n")}
  esac
}

# Is this an option that takes a value? $value: what it may be.
_bowline_value() {
  case "$1 $2" in
${valueCases(verbs).join("\n")}
    *)
      (( $valued[(Ie)$2] )) || return 1
      value=- ;;
  esac
}

if [[ $funcstack[1] == _bowline ]]; then _bowline "$@"; else compdef _bowline bowline; fi
`;
}

function verbCase(verb: VerbTree): string {
  const verbs = verb.verbs.map(({ name, description }) =>
    described(name.split(" ").at(-1) ?? "", description),
  );
  const options = verb.options.flatMap((option) =>
    flagsOf(option)
      .filter((flag) => flag.startsWith("--"))
      .map((flag) => described(flag, option.description)),
  );
  const kinds = verb.arguments.map((argument) => quoted(kindOf(valueOfArgument(verb, argument))));
  if (verb.arguments.at(-1)?.variadic) kinds.push("+");
  return [
    `    ${quoted(verb.name)})`,
    ...(verbs.length > 0 ? [`      verbs=(${verbs.join("\n        ")})`] : []),
    `      options=(${options.join("\n        ")})`,
    ...(kinds.length > 0 ? [`      kinds=(${kinds.join(" ")})`] : []),
    "      ;;",
  ].join("\n");
}

/** Options whose value is known, those of all verbs alike in one line. */
function valueCases(verbs: readonly VerbTree[]): string[] {
  const places = new Map<string, string[]>();
  for (const verb of verbs)
    for (const option of verb.options) {
      const kind = kindOf(valueOfOption(verb, option));
      if (kind === "-") continue;
      const patterns = flagsOf(option).map((flag) => `"${verb.name} ${flag}"`);
      places.set(kind, [...(places.get(kind) ?? []), ...patterns]);
    }
  return [...places].map(([kind, patterns]) => `    ${patterns.join(" | ")})\n      value="${kind}" ;;`);
}

const described = (name: string, description: string) => quoted(`${name}:${description}`);
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
