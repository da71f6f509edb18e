/** Starts the page: one model, kept by the feed, drawn at most a few times a second. */
import { render } from "preact";
import { App } from "./app.tsx";
import { Desk } from "./desk.ts";
import { FeedKeeper } from "./feed.ts";
import { Model } from "./model.ts";
import { isSame, placeOf } from "./router.ts";
import { ScrollKeeper } from "./scroll-keeper.ts";
import { HEADING } from "./shell/heading.tsx";
import { titleOf } from "./title.ts";
import { findView } from "./views.tsx";

/** A chatty board must not keep a phone busy with drawing. */
const DRAW_EVERY_MS = 200;
/** Without news: what is said to be so old grows older. */
const TICK_MS = 1000;

const root = document.querySelector("#app")!;
const model = new Model();
const feed = new FeedKeeper(model, drawSoon);
const desk = new Desk(model, drawSoon, () => feed.look());
const scrolls = new ScrollKeeper();
let place = placeOf(location.hash);
let drawing = 0;

function draw(): void {
  clearTimeout(drawing);
  drawing = 0;
  render(<App {...{ model, desk, place }} now={model.now} />, root);
  document.title = titleOf(findView(place.view)?.title ?? "", place.argument, model);
}

function drawSoon(): void {
  if (drawing === 0) drawing = setTimeout(draw, DRAW_EVERY_MS);
}

function open(): void {
  desk.question?.answer(false);
  feed.show(findView(place.view)?.slices(model, place.argument) ?? []);
  draw();
}

function go(): void {
  const next = placeOf(location.hash);
  if (isSame(next, place)) return;
  place = next;
  open();
  scrolls.arrive();
  document.getElementById(HEADING)?.focus({ preventScroll: true });
}

addEventListener("hashchange", go);
setInterval(() => {
  if (!document.hidden) drawSoon();
}, TICK_MS);
scrolls.start();
open();
feed.start();
