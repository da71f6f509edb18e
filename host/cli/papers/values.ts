/** What may stand where a verb takes a value: words that are known, names that the gateway knows, or files. */
import type { Argument, Option } from "commander";
import { allVerbs, type VerbTree } from "./verb-tree.ts";

/** `boards`: names that the running gateway is asked for (names.ts). */
export const nameKinds = ["boards", "queues", "components", "tasks", "links", "subjects"] as const;
export type NameKind = (typeof nameKinds)[number];
/** undefined: anything. */
export type Value = { words: readonly string[] } | NameKind | "files" | undefined;

/** By what help calls it, `<device>`. */
const byName: Readonly<Record<string, NameKind | "files">> = {
  device: "boards",
  component: "components",
  link: "links",
  peer: "queues",
  task: "tasks",
  file: "files",
  "file.js": "files",
  folder: "files",
  path: "files",
  port: "files",
};

/** Where that says too little. */
const byPlace: Readonly<Record<string, NameKind>> = {
  "devices forget id": "boards",
  "tail --device": "boards",
  "tasks id": "tasks",
  "tasks run spec": "components",
  "tasks run --parent": "tasks",
  "components name": "components",
  "components forget name": "components",
  "timeline subject": "subjects",
  "key add id": "boards",
  "key revoke id": "boards",
};

export function valueOfArgument(verb: VerbTree, argument: Argument): Value {
  if (argument.argChoices) return { words: argument.argChoices };
  return byPlace[`${verb.name} ${argument.name()}`] ?? byName[argument.name()];
}

export function valueOfOption(verb: VerbTree, option: Option): Value {
  if (option.argChoices) return { words: option.argChoices };
  const name = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? "";
  return byPlace[`${verb.name} ${option.long}`] ?? byName[name];
}

/**
 * `-c` and `--config` of every option behind which a word must stand that is no verb and no argument. One that in some
 * verb takes no value is none of them.
 */
export function valuedFlags(tree: VerbTree): string[] {
  const options = allVerbs(tree).flatMap((verb) => verb.options);
  const flags = (isValued: boolean) =>
    options.filter(({ required }) => required === isValued).flatMap(flagsOf);
  const bare = flags(false);
  return [...new Set(flags(true).filter((flag) => !bare.includes(flag)))].sort();
}

export function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

/** A value as one word of a script: `files`, `boards`, `=client,server`; `-` for anything. */
export function kindOf(value: Value): string {
  if (value === undefined) return "-";
  return typeof value === "string" ? value : `=${value.words.join(",")}`;
}
