import { expect, test } from "vitest";
import { engines } from "../../package.json";
import { checkNode, LEAST_NODE } from "./node-version.ts";
import { told } from "./testing/fake-machine.ts";

test.each(["20.19.0", "20.20.2", "22.0.0", "26.1.0"])("node %s will do", async (nodeVersion) => {
  expect(told(await checkNode({ nodeVersion }))).toEqual([`ok node ${nodeVersion}`]);
});

test.each(["20.18.3", "18.20.4", "8.0.0"])("node %s will not", async (nodeVersion) => {
  expect(told(await checkNode({ nodeVersion }))).toEqual([
    `FAIL node ${nodeVersion} is too old: 20.19 or later is needed`,
    "-> sudo npx --yes n 22",
  ]);
});

test("it asks for what package.json asks for", () => {
  expect(engines.node).toBe(`>=${LEAST_NODE.join(".")}.0`);
});
