/** How a number went lately, as a line without axes; the numbers beside it say the same to who does not see it. */
import type { Trend } from "../trend.ts";

const WIDTH = 80;
const HEIGHT = 20;

export function Spark({ trend }: { trend: Trend }) {
  const lines = trend.lines(WIDTH, HEIGHT);
  if (lines.length === 0) return null;
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {lines.map((points) => (
        <polyline key={points} points={points} />
      ))}
    </svg>
  );
}
