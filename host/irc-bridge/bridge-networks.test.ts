/** Networks as they are asked for: by name or the first, and what is told of one that is not there, or not online. */
import { expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import type { BridgeNetwork } from "./bridge-network.ts";
import { BridgeNetworks } from "./bridge-networks.ts";

function make(...names: string[]) {
  const networks = new BridgeNetworks();
  for (const name of names)
    networks.all.push({ name, edge: { state: name === "down" ? "waiting" : "online" } } as BridgeNetwork);
  return networks;
}

test("a network is found by its name, the first where none is named", () => {
  const networks = make("lab", "down");
  expect(networks.named("down", "x")).toBe(networks.all[1]);
  expect(networks.named(undefined, "x")).toBe(networks.all[0]);
  expect(networks.online(undefined, "sim-1@attic")).toBe(networks.all[0]);
});

test.each([
  ["one that is not there", ["lab", "home"], "labb", "no network labb; known: lab, home"],
  ["the first of none", [], undefined, "no network ; known: no network is configured"],
])("%s is told, with those that are", (_, names, name, seen) => {
  expect(() => make(...names).named(name, "reading the lines")).toThrow(
    expect.objectContaining({
      ...{ code: "NETWORK_UNKNOWN", exitCode: ExitCode.notFound },
      message: `reading the lines: ${seen}`,
    }),
  );
});

test("over one that is not online nobody is asked, and how it is is told", () => {
  expect(() => make("lab", "down").online("down", "sim-1@attic")).toThrow(
    expect.objectContaining({
      ...{ code: "IRC_OFFLINE", exitCode: ExitCode.busy },
      message: "asking sim-1@attic over IRC: down is waiting",
    }),
  );
});
