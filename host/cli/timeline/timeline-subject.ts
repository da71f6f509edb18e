/** Whom a person means who asks what happened to it: a name, or KIND:NAME. */
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { type Subject, subjectKinds, type TimelinePage } from "../../timeline/happening.ts";
import type { GatewayClient } from "../gateway/client.ts";
import { printable } from "../output/display.ts";
import { formatSubject } from "../output/happening-words.ts";
import { namesOf } from "../papers/names.ts";
import { nameKinds } from "../papers/values.ts";

/** Of the gateway that is asked; people call it the gateway. */
export const OWN_KIND = "bowline";
/** Kinds of which there is one, which needs no name. */
const unnamed: readonly string[] = ["gateway", "store", OWN_KIND];
/** All that a gateway keeps. */
const MOST = 5000;
const MOST_SHOWN = 20;

export function isOf(subject: Subject, wanted: string): boolean {
  const { kind, name } = partsOf(wanted);
  if (subject.name === name && (kind ?? subject.kind) === subject.kind) return true;
  return unnamed.includes(wanted) && subject.kind === (wanted === "gateway" ? OWN_KIND : wanted);
}

/** `board:kitchen` is of one kind; a name alone is looked for among all. */
function partsOf(wanted: string): { kind?: Subject["kind"]; name: string } {
  const at = wanted.indexOf(":");
  const kind = subjectKinds.find((one) => one === wanted.slice(0, Math.max(0, at)));
  return kind === undefined ? { name: wanted } : { kind, name: wanted.slice(at + 1) };
}

/** Nothing was found of it: rejects with SUBJECT_UNKNOWN, unless it is one that nothing happened to. */
export async function refuseUnknown(wanted: string, client: GatewayClient): Promise<void> {
  if (unnamed.includes(wanted)) return;
  const { happenings } = (await client.get(`api/v1/timeline?limit=${MOST}`)) as TimelinePage;
  if (happenings.some(({ subject }) => isOf(subject, wanted))) return;
  const { name } = partsOf(wanted);
  for (const kind of nameKinds) if ((await namesOf(kind, client)).includes(name)) return;
  const there = new Set(happenings.map(({ subject }) => formatSubject(subject)));
  for (const board of await namesOf("boards", client)) there.add(`board ${board}`);
  const some = [...there].slice(0, MOST_SHOWN);
  const more = there.size > some.length ? `, and ${there.size - some.length} more` : "";
  throw new BowlineError(
    "SUBJECT_UNKNOWN",
    `looking for what happened to ${printable(wanted)}: nobody knows it; there is: ${some.join(", ")}${more}`,
    ExitCode.notFound,
    "bowline timeline",
  );
}
