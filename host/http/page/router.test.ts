import { expect, test } from "vitest";
import { href, placeOf } from "./router.ts";

test.each([
  ["", "", ""],
  ["#/", "", ""],
  ["#wrong-token", "", ""],
  ["#/boards", "boards", ""],
  ["#/boards/", "boards", ""],
  ["#/board/pico-kitchen", "board", "pico-kitchen"],
  ["#/board/gw2%2Fsim-1", "board", "gw2/sim-1"],
  ["#/frames/serial%20%2Fdev%2FttyACM0", "frames", "serial /dev/ttyACM0"],
  ["#/boards/sim-1", "board", "sim-1"],
  ["#/boards/gw2%2Fsim-1", "board", "gw2/sim-1"],
  ["#/board/%E0%A4%A", "board", ""],
  ["#/boards/%E0%A4%A", "boards", ""],
  ["#/board/a/b", "", ""],
])("placeOf(%j) is the view %j with %j", (hash, view, argument) => {
  expect(placeOf(hash)).toEqual({ view, argument });
});

test.each(["pico-kitchen", "gw2/sim-1", "serial /dev/ttyACM0", "ü 100 %", "#?"])(
  "the address of a view with %j leads back to it",
  (argument) => {
    expect(placeOf(href("board", argument))).toEqual({ view: "board", argument });
  },
);
