/** Every component: how it is, and what it says of itself. */
import { formatDuration, formatNumber, formatTime } from "../format.ts";
import type { Component } from "../shapes.ts";
import { Heading } from "../shell/heading.tsx";
import { Empty } from "../shell/parts.tsx";
import type { ViewProps } from "../views.tsx";
import { isWell, keyOf, MAX_COMPONENTS } from "../work-model.ts";

export function Components({ model: { work }, now }: ViewProps) {
  const components = work.all;
  const unshown = components.length - MAX_COMPONENTS;
  return (
    <>
      <Heading>Components</Heading>
      {components.length === 0 && <Empty title="No component has said how it is" />}
      <ul class="work components">
        {components.slice(0, MAX_COMPONENTS).map((one) => (
          <ComponentRow key={keyOf(one)} component={one} now={now} />
        ))}
      </ul>
      {unshown > 0 && (
        <p>
          {formatNumber(unshown)} more: <code>npx bowline components</code>
        </p>
      )}
    </>
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
  if (component.state === "unknown" && isWell(component)) return "warn";
  if (isWell(component)) return "good";
  return component.state === "late" && !component.isDown ? "warn" : "bad";
}

/** The words of `bowline components`. */
function wordsOf({ state, isDown, isSilent }: Component): string {
  return [state, ...(isDown ? ["down"] : []), ...(isSilent ? ["silent"] : [])].join(", ");
}
