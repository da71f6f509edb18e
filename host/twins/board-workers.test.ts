/** Tasks to boards over a real book of requests; what the boards do is the test's. */
import { beforeEach, expect, test } from "vitest";
import { encodings, type Message } from "../monique/message.ts";
import type { Outcome } from "../peers/request-book.ts";
import { RequestBook } from "../peers/request-book.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { openTestStore } from "../testing/stores.ts";
import { BoardWorkers } from "./board-workers.ts";
import { PartNames } from "./names.ts";

const ID = "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot";
const START = 1_795_301_705_980;

let wall: number;
let book: RequestBook;
let workers: BoardWorkers;
let boards: string[];
/** Requests as boards were asked, and what is told of tasks. */
let asked: { device: string; message: object; timeoutMs: number; rq: number }[];
let told: unknown[][];
let left: Set<number>;
let refusal: BowlineError | null;
let confirm: (() => void)[];

beforeEach(async () => {
  wall = START;
  book = new RequestBook(await openTestStore(), { now: () => 0, wall: () => wall });
  [boards, asked, told, left, refusal, confirm] = [["sim-1"], [], [], new Set(), null, []];
  begin();
});

/** A gateway over the book. */
function begin(): void {
  workers = new BoardWorkers({
    names: new PartNames("bowline"),
    ...{ book, router, clock: { now: () => 0, wall: () => wall } },
    isBoard: (id) => boards.includes(id),
    taken: new Set(["bowline_store"]),
  });
  workers.noteBoard("sim-1");
  book.onChange = (rq) => workers.noteRequest(rq);
}

const router = {
  async submit(
    device: string,
    message: { ot: string },
    timeoutMs: number,
    options: { key?: string; signal?: AbortSignal },
  ) {
    if (refusal !== null) throw refusal;
    const { rq, accepted } = book.accept({
      device,
      message,
      deadline: wall + timeoutMs,
      timeoutMs,
      key: options.key!,
    });
    const outcome = book.outcome(rq)!;
    await accepted;
    asked.push({ device, message, timeoutMs, rq });
    if (options.signal?.aborted) this.cancel(rq);
    return { rq, outcome };
  },
  hasLeft: (rq: number) => left.has(rq),
  cancel: (rq: number) => {
    book.conclude(rq, { outcome: "cancelled" });
    return true;
  },
  whenStopped: () => new Promise<"told">((resolve) => confirm.push(() => resolve("told"))),
};

function task(data: object, fields: Partial<Message> = {}) {
  const message: Message = {
    ...{ id: ID, pid: "", creator: "0000-jobcontrol", created_at: START, expires_at: 0 },
    ...{
      spec: "bowline_sim-1",
      encoding: encodings[0],
      type: "config",
      data: Buffer.from(JSON.stringify(data)),
    },
    ...fields,
  };
  return { id: message.id, spec: message.spec, message };
}

function run(data: object = { ot: "l:led", on: true }, fields: Partial<Message> = {}): void {
  workers.run(task(data, fields), {
    onRunning: (on) => told.push(["running", on]),
    onResult: (value) => told.push(["result", value]),
    onError: (code, message) => told.push(["error", code, message]),
  });
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** What was told, once the outcome is. */
async function ending(outcome: Outcome): Promise<unknown[]> {
  await settle();
  book.conclude(asked[0].rq, outcome);
  await settle();
  return told.splice(0);
}

test("a task is for a board that is known, by its spec, or for any by one that says so", () => {
  const specs = ["bowline_sim-1", "bowline_request", "bowline_sim-2", "bowline_store", "example_sim-1"];
  expect(specs.filter((spec) => workers.accepts(spec))).toEqual(["bowline_sim-1", "bowline_request"]);
  workers.noteBoard("sim-2");
  expect(workers.accepts("bowline_sim-2")).toBe(false); // forgotten meanwhile
  expect([...workers.names()]).toEqual(["bowline_store"]);
});

test("it is a request to that board, whose reply is its result", async () => {
  run();
  expect(await ending({ outcome: "delivered", reply: { re: 7, on: true } })).toEqual([
    ["result", { on: true }],
  ]);
  expect(asked).toMatchObject([{ device: "sim-1", message: { ot: "l:led", on: true }, timeoutMs: 60_000 }]);
});

test("one for any board names it, also behind another gateway", async () => {
  run({ device: "gw2/sim-1", ot: "l:info" }, { spec: "bowline_request" });
  await settle();
  expect(asked).toMatchObject([{ device: "gw2/sim-1", message: { ot: "l:info" } }]);
});

test("who does it is told once its bytes may have left", async () => {
  run();
  await settle();
  expect(told).toEqual([]);
  book.sent(asked[0].rq, true);
  book.sent(asked[0].rq, true);
  expect(told).toEqual([["running", "sim-1"]]);
});

test.each([
  [{ outcome: "delivered", reply: { re: 7, err: "no such pin" } }, [501, "no such pin"]],
  [{ outcome: "expired" }, [300, "sim-1 was not there in time, or took nothing; it was not asked"]],
  [{ outcome: "expired", reason: "too large" }, [300, "too large"]],
  [
    { outcome: "unknown", reason: "no answer in time" },
    [300, "it may or may not have been done: no answer in time"],
  ],
  [
    { outcome: "rejected", code: "QUEUE_FULL", reason: "too much waits" },
    [300, "too much waits (QUEUE_FULL)"],
  ],
  [{ outcome: "cancelled" }, [301, "task killed"]],
] as const)("a request that ends as %j is an error of the task", async (outcome, expected) => {
  run();
  expect(await ending(outcome)).toEqual([["error", ...expected]]);
});

test("data that asks nothing is an error at once, and so is what no board takes", async () => {
  run({ on: true });
  expect(told.splice(0)).toEqual([["error", 502, expect.stringMatching(/^ot, the type/)]]);
  refusal = new BowlineError("DEVICE_UNKNOWN", "no such board", ExitCode.notFound);
  run({ device: "x", ot: "y" }, { spec: "bowline_request" });
  await settle();
  refusal = new BowlineError("QUEUE_FULL", "1000 wait", ExitCode.busy);
  run();
  await settle();
  expect(told).toEqual([
    ["error", 502, "no such board (DEVICE_UNKNOWN)"],
    ["error", 300, "1000 wait (QUEUE_FULL)"],
  ]);
});

test("a task's end is the request's, within an hour; one whose time is over is not asked", async () => {
  run({ ot: "a" }, { expires_at: START + 5000 });
  run({ ot: "a" }, { id: `${ID.slice(1)}A`, expires_at: 1e17 });
  await settle();
  expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([5000, 3_600_000]);
  wall += 5001;
  run({ ot: "a" }, { id: `${ID.slice(1)}B`, expires_at: START + 5000 });
  await settle();
  expect(asked).toHaveLength(2);
  expect(told).toEqual([["error", 300, "its time was over when it came to its board"]]);
});

test("handed over again after a restart it is the same request, open or ended", async () => {
  run();
  await settle();
  begin();
  run();
  await settle();
  expect(asked).toHaveLength(1);
  told = []; // the gateway before is gone, and so is whom it told
  book.conclude(asked[0].rq, { outcome: "delivered", reply: { re: 7, on: true } });
  await settle();
  expect(told).toContainEqual(["result", { on: true }]);
  begin();
  told = [];
  run();
  await settle();
  expect(told.filter(([what]) => what === "result")).toEqual([["result", { on: true }]]);
  expect(asked).toHaveLength(1);
});

test("a key that is another request's is not taken for this task", async () => {
  run();
  await settle();
  begin();
  told = [];
  run({ ot: "l:reboot" });
  await settle();
  expect(told).toEqual([["error", 300, "its id is the key of another request to a board (KEY_REUSED)"]]);
});

test("killed before it left it is withdrawn, also before it was accepted", async () => {
  run();
  expect(await workers.kill(ID)).toBe("withdrawn");
  await settle();
  expect(told.splice(0)).toEqual([["error", 301, "task killed"]]);
  run({ ot: "b" }, { id: `${ID.slice(1)}A` });
  await settle();
  expect(await workers.kill(`${ID.slice(1)}A`)).toBe("withdrawn");
  await settle();
  expect(told).toEqual([["error", 301, "task killed"]]);
});

test("killed after it left the board is told, and until it says so nothing is claimed, however often it is killed", async () => {
  run();
  await settle();
  left.add(asked[0].rq);
  let how = "";
  const killed = workers.kill(ID).then((end) => {
    how = end;
  });
  await settle();
  const again = workers.kill(ID);
  expect([how, confirm.length, told]).toEqual(["", 1, []]);
  confirm[0]();
  await killed;
  expect([how, await again]).toEqual(["told", "told"]);
  await settle();
  expect(told.at(-1)).toEqual(["error", 301, "task killed"]);
});

test("a task that has ended is nobody's to kill", async () => {
  run();
  await ending({ outcome: "delivered", reply: { re: 7 } });
  expect(await workers.kill(ID)).toBe("unknown");
});

test.each([
  [
    "bowline_sim-2",
    "there is no board for bowline_sim-2, and no component listens for it; did you mean bowline_sim-1?",
  ],
  ["bowline_boiler", "there is no board for bowline_boiler, and no component listens for it"],
  ["bowline_store", "bowline_store is a part of the gateway and takes no tasks; boards do"],
  ["bowline_sim-1", undefined],
  ["bowline_request", undefined],
  ["example_sim-2", undefined],
])("why a task of spec %s is nobody's: %s", (spec, why) => {
  expect(workers.refusal(spec)).toBe(why);
});

test("a task that is being run is not begun a second time", async () => {
  run();
  expect(() => run()).toThrow(`task ${ID} is being run already`);
  await settle();
  expect(asked).toHaveLength(1);
});
