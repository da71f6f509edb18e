/** What became of a kill, in words. */
import type { Kill } from "../shapes.ts";
import type { KillState } from "../work-model.ts";

export function stateWords(state: KillState): string {
  if (state.is === "asked") return "told to stop; waiting whether it does";
  if (state.is === "fault") return state.fault;
  const { kill } = state;
  const bad = kill.children.flatMap(allOf).filter(({ outcome }) => outcome === "unconfirmed");
  const below = bad.length === 0 ? "" : `; nothing shows that ${bad.length} below it did`;
  return outcomeWords(kill) + below;
}

export function outcomeWords({ outcome, how, why, ms }: Kill): string {
  const because = how === "" ? "" : `, ${how}`;
  switch (outcome) {
    case "confirmed":
      return `killed${because}, within ${ms} ms`;
    case "finished before":
      return "it had ended before it could be stopped";
    case "refused":
      return `refused: ${why}`;
    case "unknown":
      return "no such task is known any more; every component was told to stop it all the same";
    case "pending":
    case "unconfirmed":
      return `told to stop, and within ${Math.round(ms / 1000)} s nothing has shown that it did${because}`;
  }
}

function allOf(kill: Kill): Kill[] {
  return [kill, ...kill.children.flatMap(allOf)];
}
