import { expect, test } from "vitest";
import { PartNames } from "./names.ts";
import { boardPart, otherParts, type Part, type Seen } from "./parts.ts";

const names = new PartNames("bowline");
const said = ({ name, isAlive, words }: Part) => [name, isAlive, words()];
const board = { id: "sim-1", connected: true, via: "tcp 127.0.0.1:5", lastAt: 1_795_301_705_979 };

function seen(fields: Partial<Seen> = {}): Seen {
  const store = { messages: 1, isHeld: false, fault: "", low: "" };
  return {
    ...{
      boards: () => [],
      board: () => undefined,
      cables: () => [],
      peers: () => [],
      networks: () => [],
      store: () => store,
    },
    counts: () => ({ boards: 0, connected: 0 }),
    wordsOf: () => "",
    ...fields,
  };
}

test("a board is alive while its session is up, and says its last words, else where it is", () => {
  const of = (fields: object, wordsOf = () => "") =>
    said(boardPart(names, { ...board, ...fields }, { wordsOf }));
  expect(of({}, () => "pumping")).toEqual(["bowline_sim-1", true, "pumping"]);
  expect(of({})).toEqual(["bowline_sim-1", true, "connected, tcp 127.0.0.1:5"]);
  expect(of({ connected: false }, () => "pumping")).toEqual([
    ...["bowline_sim-1", false],
    "away, last heard 2026-11-21T22:55:05.979Z",
  ]);
  expect(of({ connected: false, lastAt: 0 })[2]).toBe("away, not heard yet");
});

test("gateway and store are always there", () => {
  const counts = () => ({ boards: 2, connected: 1 });
  expect(otherParts(names, seen({ counts })).map(said)).toEqual([
    ["bowline_gateway", true, "1 of 2 boards connected"],
    ["bowline_store", true, "1 message"],
  ]);
});

test.each([
  [{ fault: "no space left on device" }, [false, "no space left on device"]],
  [{ isHeld: true }, [false, "it is full, and messages wait"]],
  [{ low: "less than 256 MiB" }, [true, "less than 256 MiB"]],
  [{ messages: 7 }, [true, "7 messages"]],
])("a store with %j says it", (fields, expected) => {
  const store = { messages: 1, isHeld: false, fault: "", low: "", ...fields };
  const [, part] = otherParts(names, seen({ store: () => store }));
  expect(said(part).slice(1)).toEqual(expected);
});

test("cables, gateways and networks say what they wait for", () => {
  const cable = { path: "com3", state: "waiting", waitingFor: "no such port", lent: null } as const;
  const peer = { name: "gw2", state: "open", via: "tcp 10.0.0.7:12002", fault: "", waiting: { packets: 0 } };
  const network = { name: "lab", state: "online", nick: "gw-kitchen" };
  const cables = () => [
    cable,
    { ...cable, path: "com4", state: "speaking", waitingFor: "" } as const,
    { ...cable, path: "com5", state: "lent", waitingFor: "", lent: { to: "bowline flash" } } as const,
  ];
  const peers = () => [
    peer,
    { ...peer, name: "gw3", state: "absent", fault: "no route", waiting: { packets: 3 } },
  ];
  const networks = () => [network, { ...network, name: "lab2", state: "connecting" }];
  expect(otherParts(names, seen({ cables, peers, networks })).slice(2).map(said)).toEqual([
    ["bowline_serial-com3", false, "no such port"],
    ["bowline_serial-com4", true, "speaking"],
    ["bowline_serial-com5", false, "lent to bowline flash"],
    ["bowline_peer-gw2", true, "connected, tcp 10.0.0.7:12002"],
    ["bowline_peer-gw3", false, "no route, 3 packets wait"],
    ["bowline_irc-lab", true, "as gw-kitchen"],
    ["bowline_irc-lab2", false, "connecting"],
  ]);
});
