/** The title of the page: what is wrong comes first, for a tab shows no more than that. */
import type { Model } from "./model.ts";

export function titleOf(
  view: string,
  argument: string,
  { feed, problems, status }: Pick<Model, "feed" | "problems" | "status">,
): string {
  const count = (problems.value?.problems.length ?? 0) + (problems.value?.more ?? 0);
  const wrong = count === 0 ? "" : count === 1 ? "1 problem" : `${count} problems`;
  const where = view === "Overview" ? "" : argument || view;
  const first = feed === "lost" ? "No connection" : wrong;
  return [first, where, status?.gateway ?? "", "Bowline"].filter((part) => part !== "").join(" · ");
}
