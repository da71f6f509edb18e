/** The small parts that every view is made of. */
import type { ComponentChildren } from "preact";
import { Copy } from "./copy.tsx";

export type Look = "good" | "warn" | "bad" | "quiet";

export function Badge({ look, children }: { look: Look; children: ComponentChildren }) {
  return <span class={`badge ${look}`}>{children}</span>;
}

/** name, value, and what it means, for who wonders. */
export type Fact = readonly [name: string, value: ComponentChildren, hint?: string, look?: Look];

export function Facts({ facts, look = "" }: { facts: readonly Fact[]; look?: string }) {
  return (
    <dl class={`facts ${look}`}>
      {facts.map(([name, value, hint, factLook = ""]) => (
        <div key={name} title={hint} class={factLook}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A line of a shell, to be copied. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <Copy text={text} />
    </div>
  );
}

/** Nothing is there yet; what is to be done next. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** What the gateway said instead of an answer; nothing when it answered. */
export function Fault({ text }: { text: string }) {
  return text === "" ? null : <p class="fault">The gateway could not answer: {text}</p>;
}
