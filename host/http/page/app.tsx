/** The page around the open view. */
import type { Desk } from "./desk.ts";
import { isPast, type Model } from "./model.ts";
import { href, type Place } from "./router.ts";
import { Banner } from "./shell/banner.tsx";
import { DialogHost } from "./shell/dialog-host.tsx";
import { FeedBadge, GatewayLine } from "./shell/gateway-line.tsx";
import { HEADING, Heading } from "./shell/heading.tsx";
import { Nav } from "./shell/nav.tsx";
import { findView } from "./views.tsx";

interface AppProps {
  model: Model;
  desk: Desk;
  place: Place;
  /** ms since 1970. */
  now: number;
}

export function App({ model, desk, place, now }: AppProps) {
  const { feed, status, heardAt } = model;
  const problems = model.problems.value?.problems ?? [];
  const second = now - (now % 1000);
  return (
    <>
      <a class="skip" href={`#${HEADING}`} onClick={skip}>
        Skip to what this view shows
      </a>
      <header>
        <a class="brand" href={href("")}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M6 27C6 12 14 5 20 9s1 13-6 11 2-13 12-10" />
          </svg>
          <span>{status === null ? "Bowline" : status.gateway}</span>
        </a>
        <FeedBadge feed={feed} />
      </header>
      <Nav open={place.view} problems={problems} />
      <div class="content">
        <Banner feed={feed} heardAt={heardAt} now={now} />
        <main class={isPast(feed) ? "stale" : ""}>
          {status === null ? (
            <Heading>Bowline</Heading>
          ) : (
            <OpenView key={`${place.view}/${place.argument}`} {...{ model, desk, place, now: second }} />
          )}
        </main>
        <footer>{status !== null && <GatewayLine status={status} />}</footer>
      </div>
      <DialogHost question={desk.question} />
    </>
  );
}

function OpenView({ model, desk, place, now }: AppProps) {
  const view = findView(place.view);
  if (view !== undefined) return <view.Body {...{ model, desk, now }} argument={place.argument} />;
  return (
    <>
      <Heading>There is nothing here</Heading>
      <p>
        This address leads to no view. <a href={href("")}>To the overview</a>
      </p>
    </>
  );
}

/** The address stays the view's. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById(HEADING)?.focus();
}
