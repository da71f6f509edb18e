import { beforeEach, expect, test } from "vitest";
import { killView, taskView } from "../http/testing/fake-work.ts";
import type { Author, TaskQuery, TaskView } from "../hub/views.ts";
import type { Audit, Audited } from "./audit.ts";
import { KillDesk } from "./kill-desk.ts";

const ID = "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot";
const speaker = { network: "lab", nick: "ann", user: "~ann", host: "h", account: null };
const by: Author = { via: "irc", who: "ann, ann on lab" };

let tasks: TaskView[];
let operator: { name: string; devices: string[]; commands: string[] } | null;
/** In the audits of IRC and of the hub. */
let told: unknown[][];
let desk: KillDesk;

beforeEach(() => {
  tasks = [taskView({ id: ID })];
  operator = { name: "ann", devices: ["*"], commands: ["*"] };
  told = [];
  const audit = {
    accepted: ({ who, ot }: Audited) => told.push(["accepted", who, ot]),
    refused: ({ who, ot }: Audited, code: string) => told.push(["refused", who, ot, code]),
    ended: (_: Audited, outcome: string) => () => told.push(["ended", outcome]),
  };
  const work = {
    components: () => [],
    task: (id: string) => tasks.find((one) => one.id === id),
    tasks: ({ state }: TaskQuery) => tasks.filter((one) => one.state === state),
    kill: async (task: string, options: { by: Author }) => {
      told.push(["kill", task, options.by]);
      return killView({ task });
    },
    refuseKill: (task: string, author: Author, why: string) =>
      void told.push(["refuseKill", task, author, why]),
  };
  desk = new KillDesk({ work, audit: audit as unknown as Audit, identify: async () => operator });
});

const kill = (wanted = ID) => desk.kill({ speaker, channel: "#lab" }, wanted);

test("an operator stops a task by its id, or by how that begins; both audits have it", async () => {
  expect(await kill()).toBe("EbQ5cBYA: killed, withdrawn from the queue");
  expect(await kill("EbQ5cBYA")).toBe("EbQ5cBYA: killed, withdrawn from the queue");
  expect(told).toContainEqual(["accepted", "ann", "kill EbQ5cBYA"]);
  expect(told.filter(([what]) => what === "kill")).toEqual([
    ["kill", ID, by],
    ["kill", ID, by],
  ]);
});

test("who proves nothing stops nothing, and is in both audits", async () => {
  operator = null;
  expect(await kill()).toMatch(/^only for operators, .* \[NOT_PROVED\]$/);
  expect(told).toEqual([
    ["refused", null, `kill ${ID}`, "NOT_PROVED"],
    [
      "refuseKill",
      ID,
      { via: "irc", who: "nobody known, ann on lab" },
      expect.stringMatching(/^only for operators/),
    ],
  ]);
});

test.each([
  [{ commands: ["l:*"] }, { on: "sim-1" }, "ann may not kill what is on sim-1"],
  [{ devices: ["pump"] }, { on: "sim-1" }, "ann may not kill what is on sim-1"],
  [{ devices: ["sim-*"] }, { on: "" }, "ann may not kill what is on no board"],
])("an operator with %j does not stop a task with %j", async (rights, fields, why) => {
  Object.assign(operator!, rights);
  tasks = [taskView({ id: ID, ...fields })];
  expect(await kill()).toBe(`${why} [NOT_ALLOWED]`);
  expect(told).toEqual([
    ["refused", "ann", `kill ${ID}`, "NOT_ALLOWED"],
    ["refuseKill", ID, by, why],
  ]);
});

test("who may ask some boards stops what is on them", async () => {
  Object.assign(operator!, { devices: ["sim-*"], commands: ["l:*", "kill"] });
  tasks = [taskView({ id: ID, on: "sim-1" })];
  expect(await kill()).toBe("EbQ5cBYA: killed, withdrawn from the queue");
});

test("what names no task, or several, stops none", async () => {
  tasks.push(taskView({ id: `${ID.slice(0, 8)}${"x".repeat(32)}` }));
  expect(await kill("EbQ5cBYA")).toBe("kill: several tasks begin so: EbQ5cBYA; !tasks lists them");
  for (const wanted of ["EbQ", "nothing-at-all", ""]) expect(await kill(wanted)).toBeNull();
  tasks = [taskView({ id: ID, state: "result" })];
  expect(await kill("EbQ5cBYA")).toBeNull(); // of one that has ended nothing short is taken
  expect(told.filter(([what]) => what === "kill")).toEqual([]);
  expect(told.filter(([what]) => what === "refuseKill")).toHaveLength(5);
});
