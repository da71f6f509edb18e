import { beforeEach, expect, test } from "vitest";
import type { WireTap } from "../../simulator/board-wire.ts";
import { SimWatch } from "./sim-watch.ts";

let lines: string[];
let watch: SimWatch;

beforeEach(() => {
  lines = [];
  watch = new SimWatch("b", false, (line) => lines.push(line.replace(/^\d\d:\d\d:\d\d /, "")));
});

const CONNECTED = "b is connected to its gateway";
const AGAIN = "b is connected to its gateway again";
const LOST = "b has lost its gateway; trying again";
const REFUSED = "b is not let in; trying again (the gateway's log says why; mend: npx bowline key list)";

// version, sessIDSize 0; startPacketIndex 0
const NEW = "01 00  00";
// version, sessIDSize 16, sessID; startPacketIndex 0
const RESUME = `01 10 ${"ab".repeat(16)}  00`;
// handshakeCode, sessIDSize, sessID; startPacketIndex 0, syncIntervalMin 20, syncIntervalMax 5000, sessionExpire 255
const STATE = "00 14 f9 0a 98 ff";
const NEW_OK = `00 10 ${"ab".repeat(16)}  ${STATE}`;
const RESUMED = `00  ${STATE}`;
const UNKNOWN = "02";
// packetSize 20; {"hello":{"id":"g"}}
const HELLO = "14 7b2268656c6c6f223a7b226964223a2267227d7d";
// packetSize 32; {"hello":{"id":"g","proof":"x"}}
const DEMAND = "20 7b2268656c6c6f223a7b226964223a2267222c2270726f6f66223a2278227d7d";
const SYNC_1 = "00 01";
const CLOSE = "00 ff";

function say(tap: WireTap, from: "board" | "gateway", ...parts: string[]): void {
  const bytes = Buffer.from(parts.join("").replaceAll(" ", ""), "hex");
  // However a line splits it.
  for (const byte of bytes) tap.pass(from, Uint8Array.of(byte));
}

function connection(request: string, ...answer: string[]): WireTap {
  const tap = watch.open();
  say(tap, "board", request);
  say(tap, "gateway", ...answer);
  return tap;
}

test("connected is a board whose hello was accepted, not one that was answered", () => {
  const tap = connection(NEW, NEW_OK, HELLO);
  expect(lines).toEqual([]);
  say(tap, "gateway", SYNC_1, SYNC_1, SYNC_1);
  expect(lines).toEqual([CONNECTED]);
});

test("where a proof is demanded the proof must be accepted, too", () => {
  const tap = connection(NEW, NEW_OK, DEMAND, SYNC_1);
  expect(lines).toEqual([]);
  say(tap, "gateway", SYNC_1);
  expect(lines).toEqual([CONNECTED]);
});

test("a board that is let in by none of its attempts says so once", () => {
  for (let i = 0; i < 3; i++) connection(NEW, NEW_OK, CLOSE).over("");
  for (let i = 0; i < 3; i++) connection(NEW, NEW_OK, DEMAND, SYNC_1).over("");
  expect(lines).toEqual([REFUSED]);
});

test("a gateway that is not there, comes, goes and comes back: a line each, whatever is tried between", () => {
  for (let i = 0; i < 3; i++) watch.open().over("connect ECONNREFUSED");
  connection(NEW, NEW_OK, HELLO, SYNC_1).over("");
  for (let i = 0; i < 3; i++) watch.open().over("connect ECONNREFUSED");
  // A session that expired meanwhile is no refusal.
  connection(RESUME, UNKNOWN).over("");
  connection(NEW, NEW_OK, HELLO, SYNC_1).over("");
  connection(RESUME, RESUMED);
  const away = "b does not reach its gateway: connect ECONNREFUSED; trying again";
  expect(lines).toEqual([away, CONNECTED, LOST, away, CONNECTED, LOST, AGAIN]);
});

test("the late end of an older connection is told as that, and mute() ends it all", () => {
  const older = connection(NEW, NEW_OK, HELLO, SYNC_1);
  older.over("");
  const newer = connection(RESUME, RESUMED);
  older.over("");
  expect(lines).toEqual([CONNECTED, LOST, AGAIN]);
  watch.mute();
  newer.over("");
  expect(lines).toHaveLength(3);
});
