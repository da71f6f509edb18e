import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { dependencies } from "../../package.json";
import { defaultConfig } from "../config/load.ts";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { thisMachine } from "./machine.ts";
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
    "FAIL serialport does not load: No native build was found for platform=linux arch=arm; boards on cables need it, boards on the network do not",
    "-> sudo apt-get install -y build-essential python3",
    "-> npx --yes node-gyp rebuild -C /home/pi/bowline/node_modules/@serialport/bindings-cpp",
    "ok classic-level (native)",
  ]);
});

test.each([
  ["./data", "FAIL"],
  ["memory", "warn"],
])("without LevelDB, and data: %s, it is a %s", async (data, level) => {
  const machine = await fakeMachine({ load: without("classic-level"), config: { data } });
  expect(told(await checkNativeParts(machine)).slice(1)).toEqual([
    `${level} classic-level does not load: No native build was found for platform=linux arch=arm; without it only \`data: memory\` works, which outlives no restart`,
    "-> sudo apt-get install -y build-essential python3",
    "-> npx --yes node-gyp rebuild -C /home/pi/bowline/node_modules/classic-level",
  ]);
});

test("a package that is not there at all is to be installed, in the version that is meant", async () => {
  const load = () => Promise.reject(new Error("Cannot find package"));
  const machine = await fakeMachine({ load, packageFolder: () => "" });
  expect((await checkNativeParts(machine)).map(({ mend }) => mend)).toEqual([
    `npm install serialport@${dependencies.serialport}`,
    `npm install classic-level@${dependencies["classic-level"]}`,
  ]);
});

test("this machine knows where its packages are", () => {
  const machine = thisMachine({ config: defaultConfig(), configFault: null });
  expect(existsSync(join(machine.packageFolder("@serialport/bindings-cpp"), "binding.gyp"))).toBe(true);
  expect(existsSync(join(machine.packageFolder("classic-level"), "binding.gyp"))).toBe(true);
  expect(machine.packageFolder("no-such-package")).toBe("");
});
