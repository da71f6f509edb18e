/** At a glance: is anything wrong, since when, and what is to be done; below it what there is. */
import { dayOf, formatNumber } from "../format.ts";
import { isPast } from "../model.ts";
import { href } from "../router.ts";
import { Section } from "../shell/heading.tsx";
import type { ViewProps } from "../views.tsx";
import { NoBoards } from "./boards.tsx";
import { Newest } from "./newest.tsx";
import { NewestValues } from "./newest-values.tsx";
import { Problems, Verdict } from "./problems.tsx";
import { Tiles } from "./tiles.tsx";

/** Boards whose values are shown here; the others have a view of their own. */
const MAX_BOARDS = 12;

export function Overview({ model, now }: ViewProps) {
  const { boards, isKnown } = model.boards;
  const day = dayOf(now);
  return (
    <>
      <Verdict problems={model.problems} pastAt={isPast(model.feed) ? model.heardAt : 0} now={now} />
      <Problems view={model.problems.value} now={now} />
      <Tiles model={model} />
      {isKnown && boards.length === 0 && (
        <Section title="The next step">
          <NoBoards tcp={model.status?.tcp ?? null} />
        </Section>
      )}
      {boards.length > 0 && (
        <Section
          title="Boards"
          note={
            boards.length > MAX_BOARDS && (
              <a href={href("boards")}>all {formatNumber(boards.length)} boards</a>
            )
          }
        >
          <NewestValues boards={boards.slice(0, MAX_BOARDS)} model={model.boards} day={day} />
        </Section>
      )}
      <Newest newest={model.newest} day={day} />
    </>
  );
}
