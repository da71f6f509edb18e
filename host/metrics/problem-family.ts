/** How many problems there are, as `bowline check` has them; what each is, and what mends it, is told there. */
import { type Family, gauge, sample } from "./family.ts";

export function problemFamily(): Family {
  return gauge("problems", "What is wrong now, by its level.", ({ sources }) => {
    const { critical, warning } = sources.problems.view().counts;
    return [sample(critical, { level: "critical" }), sample(warning, { level: "warning" })];
  });
}
