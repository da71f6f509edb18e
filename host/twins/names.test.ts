import { expect, test } from "vitest";
import { PartNames } from "./names.ts";

const names = new PartNames("bowline");

test("a board, a cable, a gateway and a network each have their name", () => {
  expect(names.board("sim-1")).toBe("bowline_sim-1");
  expect(names.peer("gw2")).toBe("bowline_peer-gw2");
  expect(names.irc("irc-lab")).toBe("bowline_irc-irc-lab");
  expect(names.serial("/dev/ttyACM0")).toMatch(/^bowline_serial-ttyacm0-[0-9a-f]{12}$/);
  expect([names.request, names.gateway, names.store]).toEqual([
    "bowline_request",
    "bowline_gateway",
    "bowline_store",
  ]);
});

test("no two of them have one name, whatever they are called", () => {
  const ids = ["store", "request", "gateway", "peer-gw2", "serial-x", "irc-lab", "Sim-1", "sim-1", "sim.1"];
  const boards = ids.map((id) => names.board(id));
  const others = [
    names.request,
    names.gateway,
    names.store,
    names.peer("gw2"),
    names.serial("x"),
    names.irc("lab"),
  ];
  // What a board might be called to be taken for a marked one.
  const marked = boards.map((name) => names.board(name.slice("bowline_".length)));
  const all = [...boards, ...others, ...marked.filter((name) => name !== "bowline_sim-1")];
  expect(new Set(all).size).toBe(all.length);
  for (const name of all) expect(name).toMatch(/^bowline_[a-z0-9-]+$/);
});
