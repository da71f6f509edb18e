/** Sends every press and release of BTN1, and how often it was pressed since the board started. */
import { onRequest, publish, start } from "bowline";

let presses = 0;

function onButton(event: WatchEvent): void {
  if (event.state) presses++;
  publish({ ot: "l:button", v: event.state ? 1 : 0, presses: presses });
}

onRequest("l:presses", function () {
  return { v: presses };
});

setWatch(onButton, BTN1, { repeat: true, edge: "both", debounce: 25 });

start();
