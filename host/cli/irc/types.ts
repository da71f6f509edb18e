/** `bowline irc types`: which types of IRC-IoT are known here, whose they are, and what their fields mean. */
import type { Command } from "commander";
import { globalTypes } from "../../irc-iot/global-types.ts";
import { standardTypes } from "../../irc-iot/standard-types.ts";
import type { ItemDescription, TypeDescription } from "../../irc-iot/type-description.ts";
import { usageOf } from "../../irc-iot/usage.ts";
import { allowedOf } from "../../irc-iot/values.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { suggest } from "../../platform/suggest.ts";
import { collect } from "../arguments/options.ts";
import { formatJson } from "../output/display.ts";
import { printListing } from "../output/listing.ts";
import type { Column } from "../output/table.ts";
import type { Terminal } from "../process/terminal.ts";
import { readTypes } from "./read-registry.ts";

interface TypesOptions {
  json?: boolean;
  config?: string;
  set?: string[];
}

/** A type, and whose it is (IRC-IoT S-15). */
interface OwnedType {
  of: string;
  type: TypeDescription;
}

/** A field of it, and where it stands. */
interface Field {
  part: string;
  item: ItemDescription;
}

const typeColumns: readonly Column<OwnedType>[] = [
  { title: "type", value: ({ type }) => type.ot },
  { title: "of", value: ({ of }) => of },
  { title: "typed", value: ({ type }) => (type.request === undefined ? "-" : `!${usageOf(type)}`) },
  { title: "meaning", value: ({ type }) => type.meaning || "-", isText: true },
];

const fieldColumns: readonly Column<Field>[] = [
  { title: "field", value: ({ item }) => item.name },
  { title: "of the", value: ({ part }) => part },
  { title: "value", value: ({ item }) => allowedOf(item) },
  { title: "unit", value: ({ item }) => item.unit ?? "-" },
  { title: "required", value: ({ item }) => (item.required ? "yes" : "no") },
  { title: "meaning", value: ({ item }) => item.meaning || "-", isText: true },
];

export function addIrcTypes(irc: Command, terminal: Terminal): void {
  irc
    .command("types")
    .description("the types that are known here, whose they are, and what people type to ask for them")
    .argument("[type]", "one of them, with its fields")
    .option("--json", "one object a line")
    .option("-c, --config <file>", "configuration with irc.types")
    .option("--set <key=value>", "one setting of it; may be repeated", collect)
    .addHelpText(
      "after",
      "\nof: the robots whose type it is, * stands for any letters; boards: every board with the standard firmware; all: the" +
        ' global dictionary. What another robot says of its own: bowline irc ask ADDRESS lookup \'{"a":{"a1":"ADDRESS"}}\'.',
    )
    .action((_: unknown, __: unknown, command: Command) =>
      show(command.args[0], command.optsWithGlobals(), terminal),
    );
}

function show(name: string | undefined, options: TypesOptions, terminal: Terminal): void {
  const all = ownedTypes(options, terminal);
  if (name === undefined) return list(all, options, terminal);
  const found = all.filter(({ type }) => type.ot === name);
  if (found.length === 0) throw noType(name, all);
  for (const { of, type } of found) {
    if (options.json) {
      terminal.print(formatJson({ of, ...type }));
      continue;
    }
    terminal.print(`${type.ot}, of ${of}: ${type.meaning}`);
    if (type.request !== undefined) terminal.print(`typed !${usageOf(type)}`);
    const rows = fieldsOf(type);
    if (rows.length > 0) printListing({ rows, columns: fieldColumns, nothing: "" }, options, terminal);
  }
}

function list(all: readonly OwnedType[], options: TypesOptions, terminal: Terminal): void {
  if (options.json) for (const { of, type } of all) terminal.print(formatJson({ of, ...type }));
  else printListing({ rows: all, columns: typeColumns, nothing: "no types" }, options, terminal);
}

/** Those that are configured come first, as they count first. */
function ownedTypes(options: TypesOptions, terminal: Terminal): OwnedType[] {
  return [
    ...readTypes(options, terminal).local.map(({ sender, type }) => ({ of: sender, type })),
    ...standardTypes.map((type) => ({ of: "boards", type })),
    ...globalTypes.map((type) => ({ of: "all", type })),
  ];
}

function fieldsOf({ items = [], request = [], reply = [] }: TypeDescription): Field[] {
  const parts = { datum: items, request, reply };
  return Object.entries(parts).flatMap(([part, list]) => list.map((item) => ({ part, item })));
}

function noType(name: string, all: readonly OwnedType[]): BowlineError {
  const nearest = suggest(
    name,
    all.map(({ type }) => type.ot),
  );
  const question = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  const text = `looking up the type ${JSON.stringify(name)}: nobody has described it here${question}`;
  return new BowlineError("TYPE_UNKNOWN", text, ExitCode.notFound, "bowline irc types");
}
