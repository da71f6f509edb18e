/** What a happening or a problem is about, and the view that shows it. */
import { kindWord, type Subject } from "../../../timeline/happening.ts";
import { href } from "../router.ts";

/** View, and whether the name is its argument. */
const views: Record<Subject["kind"], [view: string, hasName: boolean]> = {
  board: ["board", true],
  port: ["links", false],
  link: ["links", false],
  gateway: ["peers", false],
  network: ["irc", false],
  component: ["components", false],
  task: ["tasks", false],
  upstream: ["queues", false],
  store: ["queues", false],
  bowline: ["", false],
};

/** The view where this is looked after. */
export const viewOf = ({ kind }: Subject) => (kind === "board" ? "boards" : views[kind][0]);

/** Where the address bar leads to for it. */
function subjectHref({ kind, name }: Subject): string {
  const [view, hasName] = views[kind];
  return href(view, hasName ? name : "");
}

/** `hasKind`: it stands among those of other kinds. */
export function SubjectLink({ subject, hasKind = true }: { subject: Subject; hasKind?: boolean }) {
  return (
    <span class="subject">
      {hasKind && <span class="quiet">{kindWord(subject)} </span>}
      <a href={subjectHref(subject)}>{subject.name}</a>
    </span>
  );
}
