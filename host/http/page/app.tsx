/** The page from top to bottom. */
import { Banner } from "./banner.tsx";
import { Boards } from "./boards.tsx";
import { Components } from "./components.tsx";
import { Links } from "./links.tsx";
import type { Model } from "./model.ts";
import { Newest } from "./newest.tsx";
import { StatusLine } from "./status-line.tsx";
import { Tasks } from "./tasks.tsx";
import type { WorkDesk } from "./work-desk.ts";

/** `now`: ms since 1970. */
export function App({ model, desk, now }: { model: Model; desk: WorkDesk; now: number }) {
  return (
    <>
      <header>
        <h1>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M6 27C6 12 14 5 20 9s1 13-6 11 2-13 12-10" />
          </svg>
          Bowline
        </h1>
        <StatusLine status={model.status} feed={model.feed} />
      </header>
      <Banner feed={model.feed} heardAt={model.heardAt} now={now} />
      {model.status !== null && (
        <main class={model.feed === "live" ? "" : "stale"}>
          <Boards model={model} tcp={model.status.tcp} now={now} />
          <Newest lines={model.newest} unseen={model.unseen} now={now} />
          <Components work={model.work} now={now} />
          <Tasks work={model.work} desk={desk} isControl={model.status.role === "control"} now={now} />
          <Links ports={model.ports} now={now} />
        </main>
      )}
    </>
  );
}
