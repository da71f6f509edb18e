/** The network link with connections that come about late, or not at all: the first of them must not speak for the next. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { SimulatedBoard } from "../host/simulator/simulated-board.ts";
import { buildDevice } from "./build.mjs";

/** A network whose connections come about by arrive(), and which prints what is done with them. */
const NETWORK = `
var sockets = [];
var requireOwn = require;
require = function (name) {
  return name === "net" ? { connect: dial } : requireOwn(name);
};
function dial(address, onConnected) {
  var n = sockets.length;
  print("dial " + n);
  sockets.push({
    on: function () {},
    write: function (data) { print("write " + n); },
    end: function () { print("end " + n); },
    arrive: function () { onConnected.call(this, this); },
  });
  return sockets[n];
}
`;

let firmware = "";
let board: SimulatedBoard;
let said: string[];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-tcp-"));
  const { outfile } = await buildDevice({
    links: "network",
    outfile: join(folder, "firmware.js"),
    quiet: true,
  });
  firmware = readFileSync(outfile, "latin1");
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
});

afterEach(() => {
  board.stop();
  vi.useRealTimers();
});

/** `late`: what happens on the network, in the board's own words. */
function power(late: string): void {
  board = new SimulatedBoard({
    id: "tcp-1",
    bundle: firmware + NETWORK + late, // behind the firmware, whose text is read by its offsets
    transport: { kind: "tcp", host: "127.0.0.1", port: 9 },
    config: { interval: 0, grace: 0 },
    onConsole: (line) => said.push(line),
  });
  board.start();
}

test("a connection that took too long is closed, and is not taken for the next when it stands after all", async () => {
  power(
    "setTimeout(function(){sockets[0].arrive()},15000);setTimeout(function(){sockets[1].arrive()},16000);",
  );
  await vi.advanceTimersByTimeAsync(15_500);
  expect(said).toEqual(["dial 0", "end 0", "dial 1"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(said).toEqual(["dial 0", "end 0", "dial 1", "write 1"]);
});
