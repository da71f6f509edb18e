// What of the rooms that must not fail is never tried: the share of branches that a run of the tests took, each room for itself.
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";

/** The core, and every bridge to a system beyond. */
export const rooms = [
  "shared",
  "host/session",
  "host/peers",
  "host/queue",
  "host/gateways",
  "host/iotgw",
  "host/irc",
  "host/irc-iot",
  "host/irc-bridge",
  "host/monique",
  "host/hub",
  "host/twins",
  "host/northbound",
  "host/mqtt",
  "host/nats",
];

/** Of each room's branches at least these are taken, %. */
const LEAST_PERCENT = 95;

/** Whole rooms, with the files that no test loads; doubles for tests try nothing themselves. */
export const measured = {
  include: rooms.map((room) => `${room}/**/*.ts`),
  exclude: ["**/*.test.ts", "**/testing/**"],
};

/**
 * file: coverage-final.json of a run -> a row a room: {room, taken, all, percent, missed: ["host/x.ts:3:7 never true"]}.
 * A room that has no branch in it at all was not measured: 0 %.
 */
export function readCoverage(root, file) {
  const files = Object.values(JSON.parse(readFileSync(file, "utf8"))).map((one) => ({
    ...one,
    path: relative(root, one.path).split(sep).join("/"),
  }));
  return rooms.map((room) => rowOf(room, files));
}

function rowOf(room, files) {
  const branches = files.filter(({ path }) => path.startsWith(`${room}/`)).flatMap(branchesOf);
  const missed = branches.filter(({ count }) => count === 0).map(({ place }) => place);
  const taken = branches.length - missed.length;
  const percent = branches.length === 0 ? 0 : (100 * taken) / branches.length;
  return { room, taken, all: branches.length, percent, missed };
}

/** Each arm of each branch: where it stands, and how often it was taken. */
function branchesOf({ path, branchMap, b }) {
  return Object.entries(b).flatMap(([id, counts]) =>
    counts.map((count, arm) => {
      const { type, loc, locations } = branchMap[id];
      // The other arm of an `if` without `else` has no place of its own.
      const start = type === "if" ? loc.start : (locations[arm]?.start ?? loc.start);
      const never = type === "if" ? [" never true", " never false"][arm] : "";
      return { count, place: `${path}:${start.line}:${start.column + 1}${never}` };
    }),
  );
}

/** Prints the table, and the places of the rooms that fall short. -> {passed, failed, skipped}, one a room */
export function judgeCoverage(rows, print = console.log) {
  const failed = rows.filter(({ percent }) => percent < LEAST_PERCENT);
  print(`branches of each room that the tests take, at least ${LEAST_PERCENT} %:`);
  for (const row of rows) print(lineOf(row));
  for (const { room, missed } of failed)
    print(`${room} has branches that no test takes:\n  ${missed.join("\n  ")}`);
  return { passed: rows.length - failed.length, failed: failed.length, skipped: 0 };
}

function lineOf({ room, taken, all, percent }) {
  const mark = percent < LEAST_PERCENT ? "✗" : "✓";
  // Cut, not rounded: 94.99 is no 95.
  const shown = (Math.floor(percent * 100) / 100).toFixed(2);
  return `${mark} ${room.padEnd(16)} ${shown.padStart(6)} %  ${`${taken}`.padStart(5)} of ${all}`;
}
