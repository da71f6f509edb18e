/** How long a board waits before it calls again, for any row of connections that were of use and of none (session part 2). */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, beforeEach, expect, test } from "vitest";

interface Rhythm {
  connectionMade(): void;
  connectionLost(wasMade: boolean): number;
}

let source = "";
let peer: { greeted: boolean; session: { acknowledged: number } };
let rhythm: Rhythm;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("reconnect.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "rhythm",
    plugins: [
      {
        name: "a peer of the test's",
        setup: ({ onLoad }) =>
          onLoad({ filter: /device\/peer\.ts$/ }, () => ({ contents: "export const peer = testPeer;" })),
      },
    ],
  });
  source = outputFiles[0].text;
});

/** The module on a board of its own. `chance` is what its random numbers are. */
function load(chance: number): Rhythm {
  const certain = Object.assign(Object.create(Math), { random: () => chance });
  return new Function("testPeer", "Math", `${source}; return rhythm`)(peer, certain);
}

beforeEach(() => {
  peer = { greeted: true, session: { acknowledged: 7 } };
  rhythm = load(0.5);
});

/** A connection on which `count` packets were acknowledged -> ms to wait after it. */
function connection(count: number): number {
  rhythm.connectionMade();
  peer.session.acknowledged += count;
  return rhythm.connectionLost(true);
}

const refusals = (count: number) => Array.from({ length: count }, () => rhythm.connectionLost(false));

test("each wait is twice the one before, from 0.5 s to 30 s, and 0.5 s again after a packet was acknowledged", () => {
  expect(connection(1)).toBe(0);
  const waits = refusals(10);
  expect(waits).toEqual([500, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect(connection(0)).toBe(30_000);
  expect(connection(1)).toBe(0);
  expect(refusals(3)).toEqual([500, 500, 1000]);
});

test("before the gateway said hello it is 3 s at most, whatever was acknowledged", () => {
  peer.greeted = false;
  refusals(6);
  expect(refusals(2)).toEqual([3000, 3000]);
  expect(connection(1)).toBe(3000);
});

test("a connection that only told that the session is unknown is followed by another at once, and no more than one", () => {
  const waits = [connection(0), connection(0), connection(0), connection(0)];
  expect(waits).toEqual([0, 0, 500, 1000]);
});

test("chance makes it a quarter shorter or longer", () => {
  rhythm = load(0);
  expect(refusals(1)).toEqual([375]);
  rhythm = load(0.999);
  expect(refusals(1)[0]).toBeCloseTo(625, -1);
});
