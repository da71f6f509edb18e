/** Every component: how it is, and what it says of itself. */
import { formatDuration, formatNumber, formatTime } from "./format.ts";
import type { Component } from "./shapes.ts";
import { isWell, keyOf, MAX_COMPONENTS, type WorkModel } from "./work-model.ts";

export function Components({ work: { components }, now }: { work: WorkModel; now: number }) {
  if (components.length === 0) return null;
  const unshown = components.length - MAX_COMPONENTS;
  return (
    <section aria-labelledby="components">
      <h2 id="components">Components</h2>
      <ul class="work">
        {components.slice(0, MAX_COMPONENTS).map((one) => (
          <ComponentRow key={keyOf(one)} component={one} now={now} />
        ))}
      </ul>
      {unshown > 0 && (
        <p>
          {formatNumber(unshown)} more: <code>npx bowline components</code>
        </p>
      )}
    </section>
  );
}

function ComponentRow({ component, now }: { component: Component; now: number }) {
  const { name, creator, message, heardAt, rhythmMs, invalid, address } = component;
  const every = rhythmMs > 0 ? `, every ${formatDuration(Math.round(rhythmMs / 1000))}` : "";
  return (
    <li>
      <strong>{name}</strong>
      <span class={`badge ${lookOf(component)}`}>{wordsOf(component)}</span>
      {message !== "" && <span>{message}</span>}
      {invalid > 0 && <span class="warn">heartbeats not understood: {formatNumber(invalid)}</span>}
      <span class="work-note">
        heard <time dateTime={new Date(heardAt).toISOString()}>{formatTime(heardAt, now)}</time>
        {every} · {[creator, address].filter((text) => text !== "").join(" · ")}
      </span>
    </li>
  );
}

function lookOf(component: Component): string {
  if (component.state === "unknown" && isWell(component)) return "connecting";
  if (isWell(component)) return "live";
  return component.state === "late" && !component.isDown ? "connecting" : "lost";
}

/** The words of `bowline components`. */
function wordsOf({ state, isDown, isSilent }: Component): string {
  return [state, ...(isDown ? ["down"] : []), ...(isSilent ? ["silent"] : [])].join(", ");
}
