/** The one h1 of a view, where focus goes when one has come to it, and the sections below it. */
import type { ComponentChildren } from "preact";
import { useOwnId } from "./own-id.ts";

export const HEADING = "heading";

/** `note`: what stands beside it; `look`: good, warn, bad. */
export function Heading({
  children,
  note,
  look = "",
}: {
  children: ComponentChildren;
  note?: ComponentChildren;
  look?: string;
}) {
  return (
    <div class={`heading ${look}`}>
      <h1 id={HEADING} tabIndex={-1}>
        {children}
      </h1>
      {note !== undefined && <div class="heading-note">{note}</div>}
    </div>
  );
}

interface SectionProps {
  title: string;
  note?: ComponentChildren;
  children: ComponentChildren;
}

export function Section({ title, note, children }: SectionProps) {
  const id = useOwnId();
  return (
    <section aria-labelledby={id}>
      <div class="section-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <div class="section-note">{note}</div>}
      </div>
      {children}
    </section>
  );
}
