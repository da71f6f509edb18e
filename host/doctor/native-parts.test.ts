import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkNativeParts } from "./native-parts.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const without = (missing: string) => async (name: string) => {
  if (name === missing)
    throw new Error(`No native build was found for platform=linux arch=arm\n    loaded from: x`);
  return {};
};

test("both load", async () => {
  expect(told(await checkNativeParts(await fakeMachine()))).toEqual([
    "ok serialport (native)",
    "ok classic-level (native)",
  ]);
});

test("without serialport boards on cables are out of reach, and boards on the network are not", async () => {
  const machine = await fakeMachine({ load: without("serialport") });
  expect(told(await checkNativeParts(machine))).toEqual([
    "FAIL load serialport: No native build was found for platform=linux arch=arm; boards on cables need it, boards on the network do not",
    "-> npm install serialport@13.0.0",
    "ok classic-level (native)",
  ]);
});

test.each([
  ["./data", "FAIL"],
  ["memory", "warn"],
])("without LevelDB, and data: %s, it is a %s", async (data, level) => {
  const machine = await fakeMachine({ load: without("classic-level"), config: { data } });
  expect(told(await checkNativeParts(machine)).slice(1)).toEqual([
    `${level} load classic-level: No native build was found for platform=linux arch=arm; without it only \`data: memory\` works, which outlives no restart`,
    "-> npm rebuild classic-level",
  ]);
});
