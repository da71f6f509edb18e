/** Starts the page: one model, kept by the feed, drawn at most a few times a second. */
import { render } from "preact";
import { App } from "./app.tsx";
import { FeedKeeper } from "./feed.ts";
import { Model } from "./model.ts";
import { WorkDesk } from "./work-desk.ts";

/** A chatty board must not keep a phone busy with drawing. */
const DRAW_EVERY_MS = 200;

const root = document.querySelector("#app")!;
const model = new Model();
const desk = new WorkDesk(model.work, drawSoon);
let drawing = 0;

function draw(): void {
  drawing = 0;
  render(<App model={model} desk={desk} now={Date.now()} />, root);
}

function drawSoon(): void {
  if (drawing === 0) drawing = setTimeout(draw, DRAW_EVERY_MS);
}

draw();
new FeedKeeper(model, drawSoon).start();
