/** The way to every view: beside the page on a desk; on a phone the first of them below it, and the rest on demand. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../problems/problem.ts";
import { href } from "../router.ts";
import { viewOf } from "../views/subject.tsx";
import { findView, type View, views } from "../views.tsx";

interface NavProps {
  /** Name of the open view. */
  open: string;
  problems: readonly Problem[];
}

/** Views that a thumb reaches at once. */
const FIRST_GROUP = "";

export function Nav({ open, problems }: NavProps) {
  const [isOut, setIsOut] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const current = findView(open)?.under ?? open;
  const fold = () => setIsOut(false);
  useEffect(fold, [open]);
  const onFocusOut = ({ relatedTarget, currentTarget }: FocusEvent) => {
    if (relatedTarget !== null && !(currentTarget as Node).contains(relatedTarget as Node)) fold();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOut) return;
    fold();
    button.current!.focus();
  };
  const inNav = views.filter(({ nav }) => nav !== null);
  const groups = [...new Set(inNav.map(({ nav }) => nav!.group))];
  const rest = groups.filter((group) => group !== FIRST_GROUP);
  const items = (group: string) =>
    inNav
      .filter(({ nav }) => nav!.group === group)
      .map((view) => (
        <Item key={view.name} view={view} isCurrent={view.name === current} problems={problems} onGo={fold} />
      ));
  const hidden = problems.filter((problem) =>
    rest.includes(findView(viewOf(problem.subject))?.nav?.group ?? ""),
  );
  return (
    <nav aria-label="Views" class={isOut ? "out" : ""} onKeyDown={onKeyDown} onFocusOut={onFocusOut}>
      <ul class="nav-first">{items(FIRST_GROUP)}</ul>
      <button
        type="button"
        ref={button}
        class="nav-more"
        aria-expanded={isOut}
        aria-controls="nav-rest"
        onClick={() => setIsOut(!isOut)}
      >
        <Icon path="M5 7h14M5 12h14M5 17h14" />
        More
        <Count problems={hidden} />
      </button>
      <div id="nav-rest" class="nav-rest">
        {rest.map((group) => (
          <div key={group}>
            <p class="nav-group">{group}</p>
            <ul aria-label={group}>{items(group)}</ul>
          </div>
        ))}
      </div>
    </nav>
  );
}

interface ItemProps {
  view: View;
  isCurrent: boolean;
  problems: readonly Problem[];
  onGo(): void;
}

function Item({ view, isCurrent, problems, onGo }: ItemProps) {
  return (
    <li>
      <a href={href(view.name)} aria-current={isCurrent ? "page" : undefined} onClick={onGo}>
        <Icon path={view.nav!.icon} />
        {view.title}
        <Count problems={problems.filter(({ subject }) => viewOf(subject) === view.name)} />
      </a>
    </li>
  );
}

/** How many things are wrong there; nothing when none is. */
function Count({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  const look = problems.some(({ level }) => level === "critical") ? "bad" : "warn";
  return (
    <span class={`count ${look}`}>
      {problems.length}
      <span class="sr">{problems.length === 1 ? " problem" : " problems"}</span>
    </span>
  );
}

function Icon({ path }: { path: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
