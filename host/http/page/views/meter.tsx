/** How full something is, as a bar with its words beside it. */
import type { ComponentChildren } from "preact";

/** From here on somebody should look; from there on it is nearly full. */
const HIGH = 0.7;
const FULL = 0.9;

interface MeterProps {
  /** What it measures. */
  name: string;
  value: number;
  most: number;
  children?: ComponentChildren;
}

export function Meter({ name, value, most, children }: MeterProps) {
  const part = most > 0 ? Math.min(1, value / most) : 0;
  const look = part >= FULL ? "bad" : part >= HIGH ? "warn" : "";
  const percent = part > 0 && part < 0.01 ? "below 1 %" : `${Math.round(part * 100)} %`;
  return (
    <div class={`meter ${look}`}>
      <meter class="sr" aria-label={name} value={part}>
        {percent}
      </meter>
      <div class="meter-bar" aria-hidden="true">
        <div class="meter-fill" style={{ width: `${part * 100}%` }} />
      </div>
      <span class="meter-words">{children ?? percent}</span>
    </div>
  );
}
