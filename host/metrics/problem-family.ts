/** How many problems there are, as `bowline check` has them; what each is, and what mends it, is told there. */
import { type Family, gauge, sample } from "./family.ts";

export function problemFamily(): Family {
  return gauge("problems", "What is wrong now, by its level.", ({ sources }) => {
    const { problems, more } = sources.problems.view();
    const critical = problems.filter(({ level }) => level === "critical").length;
    // The worst come first: those beyond what is told one by one are no worse than the last of them.
    return [
      sample(critical, { level: "critical" }),
      sample(problems.length - critical + more, { level: "warning" }),
    ];
  });
}
