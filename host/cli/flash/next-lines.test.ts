import { expect, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import { nextLines } from "./next-lines.ts";

const PATH = "/dev/ttyACM0";
const onCable = (baud = 115_200) => ({ kind: "cable", path: PATH, baud }) as const;

function configOf(...set: string[]) {
  return loadConfig({ set, env: {}, cwd: "/nowhere" }).config;
}

test("a port that no gateway has is named to one that is started", () => {
  expect(nextLines(PATH, onCable(), configOf(), false)).toEqual([
    `next: npm start -- --set serial.0.path=${PATH}`,
  ]);
  expect(nextLines(PATH, onCable(9600), configOf(), false)).toEqual([
    `next: npm start -- --set serial.0.path=${PATH} --set serial.0.baud=9600`,
  ]);
});

test("a gateway that runs has to be stopped first: a second one could not have its folder", () => {
  expect(nextLines(PATH, onCable(), configOf(), true)).toEqual([
    "first: stop the gateway that runs, with Ctrl-C where it was started",
    `next: npm start -- --set serial.0.path=${PATH}`,
  ]);
});

test("a port of the configuration needs a gateway that runs, and no more", () => {
  const config = configOf(`serial.0.path=${PATH}`);
  expect(nextLines(PATH, onCable(), config, false)).toEqual(["next: npm start"]);
  expect(nextLines(PATH, onCable(), config, true)).toEqual([]);
});
