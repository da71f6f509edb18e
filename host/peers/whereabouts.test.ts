import { expect, test } from "vitest";
import { Whereabouts } from "./whereabouts.ts";

test("a board is told of when it is at another port, once, and not while it stays", () => {
  const places = new Whereabouts();
  const seen = [
    ["a", "serial /dev/1"],
    ["a", "serial /dev/1"],
    ["b", "serial /dev/2"],
    ["a", "serial /dev/2"],
    ["a", "serial /dev/2"],
    ["a", "tcp 192.0.2.7:5012"],
    ["a", "tcp 192.0.2.8:6013"],
    ["a", "serial /dev/1"],
  ].map(([id, via]) => places.see(id, via));
  expect(seen).toEqual(["", "", "", "serial /dev/1", "", "serial /dev/2", "", "the network"]);
});
