/** A worker of the controller: start it as often as you like, each task is given to one of them. */
import { component, serve } from "bowline/component";

component(
  "example_clock-reply",
  serve({ example_clock: () => ({ answer: Date.now() }) }, { from: "controller" }),
);
