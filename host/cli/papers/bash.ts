/** Completion for bash 4 and later; needs no other package. */
import { flagsOf, kindOf, valuedFlags, valueOfArgument, valueOfOption } from "./values.ts";
import { allVerbs, type VerbTree } from "./verb-tree.ts";

/** Of the last argument of a verb that takes several. */
const AND_ON = "+";

export function bashCompletion(tree: VerbTree): string {
  const verbs = [tree, ...allVerbs(tree)];
  return `# Completion of bowline for bash: eval "$(bowline completion bash)"

_bowline() {
  local words=() rest=$COMP_LINE bare word
  # bash cuts at : and = as well: what no space parts is one word, as in --url http://pi:9080.
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    bare=\${rest#"\${rest%%[![:space:]]*}"}
    if [[ \${#words[@]} -gt 0 && -n $word && $bare == "$rest" ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    rest=\${bare#"$word"}
  done
  local last=$((\${#words[@]} - 1))
  local cur=\${words[last]} prev=\${words[last - 1]}
  local verb="" at=0 i verbs options kinds value=""
  COMPREPLY=()
  _bowline_verb ""
  for ((i = 1; i < last; i++)); do
    word=\${words[i]}
    if [[ " ${valuedFlags(tree).join(" ")} " == *" $word "* ]]; then
      i=$((i + 1))
    elif [[ $word != -* && " $verbs " == *" $word "* ]]; then
      verb=\${verb:+$verb }$word
      _bowline_verb "$verb"
    elif [[ $word != -* ]]; then
      at=$((at + 1))
      verbs=""
    fi
  done
  if _bowline_value "$verb" "$prev"; then
    _bowline_reply
  elif [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
    set -- $kinds
    [[ $# -gt 0 && \${!#} == "${AND_ON}" && $at -ge $(($# - 1)) ]] && at=$(($# - 2))
    shift "$at" 2>/dev/null || set --
    value=\${1:--}
    _bowline_reply
  fi
  # What bash replaces is what it has cut off.
  local cut=\${cur%"\${COMP_WORDS[COMP_CWORD]}"}
  if [[ -n $cut && \${#COMPREPLY[@]} -gt 0 ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"$cut"}")
  fi
}

# What $value stands for, appended to COMPREPLY.
_bowline_reply() {
  local word
  case $value in
    -) ;;
    files) compopt -o default 2>/dev/null ;;
    =*)
      value=\${value#=}
      mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "\${value//,/ }" -- "$cur") ;;
    *)
      while IFS= read -r word; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
      done < <(bowline completion names "$value" 2>/dev/null)
      ;;
  esac
}

# What may follow a verb: verbs of its own, its options, and the kinds of its arguments.
_bowline_verb() {
  case $1 in
${verbs.map(verbCase).join("\n")}
  esac
}

# Is this an option that takes a value? $value: what it may be.
_bowline_value() {
  case "$1 $2" in
${valueCases(verbs).join("\n")}
    *)
      [[ " ${valuedFlags(tree).join(" ")} " == *" $2 "* ]] || return 1
      value=- ;;
  esac
}

complete -F _bowline bowline
`;
}

function verbCase(verb: VerbTree): string {
  const verbs = verb.verbs.map(({ name }) => name.split(" ").at(-1));
  const options = verb.options.flatMap(flagsOf).filter((flag) => flag.startsWith("--"));
  const kinds = verb.arguments.map((argument) => kindOf(valueOfArgument(verb, argument)));
  if (verb.arguments.at(-1)?.variadic) kinds.push(AND_ON);
  return `    "${verb.name}") verbs="${verbs.join(" ")}" options="${options.join(" ")}" kinds="${kinds.join(" ")}" ;;`;
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
