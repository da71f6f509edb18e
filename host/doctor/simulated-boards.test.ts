import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkSimulatedBoards } from "./simulated-boards.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

test("with script, and without", async () => {
  const files = { "usr/bin/script": "" };
  expect(told(await checkSimulatedBoards(await fakeMachine({ files })))).toEqual([
    "ok script (simulated boards)",
  ]);
  expect(told(await checkSimulatedBoards(await fakeMachine()))).toEqual([
    "warn `script` is missing: simulated boards come over the network instead of a cable",
    "-> sudo apt-get install bsdutils",
  ]);
});
