import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { sparkline } from "./output/sparkline.ts";
import { VerbRunner } from "./testing/run-verb.ts";

let gateway: FakeGateway;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new FakeGateway();
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

const temp = { device: "sim-1", type: "l:telemetry", field: "temp" };
/** This machine's own time: what is shown and what is asked are that. */
const AT = new Date(2026, 10, 20, 12).getTime();
const range = ["--from", "2026-11-20T12:00", "--to", "2026-11-20 12:01:20"];

function fill(): void {
  for (let i = 0; i < 8; i++) gateway.history.add(temp, AT + 10_000 * i, 20 + i / 2);
}

test("history lists what there is, and how the history is", async () => {
  fill();
  gateway.history.add({ ...temp, field: "supply" }, AT, 3.3);
  gateway.history.add({ ...temp, device: "b" }, AT, 1);
  gateway.history.seen = { unkept: 2 };
  const { code, out, err } = await verbs.run("history", "sim-1");
  expect([code, err]).toEqual([0, ["10 points, 100 B on the disk", "2 values not kept: too many series"]]);
  expect(out).toEqual([
    "board  type         field   last  at                   since",
    "sim-1  l:telemetry  temp    23.5  2026-11-20 12:01:10  2026-11-20 12:00:00",
    "sim-1  l:telemetry  supply   3.3  2026-11-20 12:00:00  2026-11-20 12:00:00",
  ]);
  gateway.history.rowsHeld = [];
  expect((await verbs.run("history")).err[0]).toBe("no numbers came yet");
});

test("of a field it prints a table, a line and what it spans; with --json one object a point", async () => {
  fill();
  const { code, out } = await verbs.run("history", "sim-1", "l:telemetry", "temp", ...range);
  expect(code).toBe(0);
  expect(out.slice(0, 3)).toEqual([
    "time                 value",
    "2026-11-20 12:00:00     20",
    "2026-11-20 12:00:10   20.5",
  ]);
  expect(out.at(-2)).toMatch(/^▁ +▂ +▃ +▄ +▅ +▆ +▇ +█$/);
  expect(out.at(-1)).toBe("20 to 23.5, 2026-11-20 12:00:00 to 2026-11-20 12:01:20");
  const json = await verbs.run(
    "history",
    "sim-1",
    "l:telemetry",
    "temp",
    ...range,
    "--json",
    "--points",
    "4",
  );
  expect(json.out).toHaveLength(3);
  expect(JSON.parse(json.out[0])).toEqual({ t: AT, mean: 20.5, min: 20, max: 21 });
});

test("a terminal wider than a chart may have points has a line as long as that", async () => {
  fill();
  verbs.columns = 6000;
  const { code, out } = await verbs.run("history", "sim-1", "l:telemetry", "temp", ...range);
  expect([code, out.at(-2)?.length]).toEqual([0, 4376]);
});

test("a mean is told with two digits more than its least and most, tiny ones whole; with --json all of it", async () => {
  const meanOf = async (field: string, values: number[]) => {
    for (const [i, value] of values.entries()) gateway.history.add({ ...temp, field }, AT + 1000 * i, value);
    const asked = ["history", "sim-1", "l:telemetry", field, ...range, "--points", "1"];
    const told = (await verbs.run(...asked)).out[1].split(/ +/)[2];
    return [told, JSON.parse((await verbs.run(...asked, "--json")).out[0]).mean];
  };
  expect(await meanOf("temp", [21.25, 21.5, 21.5])).toEqual(["21.4167", 21.4166666667]);
  expect(await meanOf("leak", [1e-9, 2e-9, 2e-9])).toEqual(["1.66666666667e-9", 1.66666666667e-9]);
});

test("--csv prints the rows as they are kept", async () => {
  fill();
  const { code, out } = await verbs.run("history", "sim-1", "--csv", ...range);
  expect([code, out.length]).toEqual([0, 9]);
  expect(out[0]).toBe("time,device,type,field,mean,min,max,count");
  expect(out[1]).toBe(`${new Date(AT).toISOString()},sim-1,l:telemetry,temp,20,20,20,1`);
});

test.each([
  [["--from", "yesterday"], 2, /reading --from: "yesterday"; allowed: 2026-11-27/],
  [["--from", "2026-02-31"], 2, /reading --from: "2026-02-31"; allowed/],
  [["--from", "2026-11-21", "--to", "2026-11-20"], 2, /is not before/],
  [["--from", "2026-11-21", "--since", "1h"], 2, /allowed: one/],
  [["--points", "0"], 2, /allowed: 1 to 5000/],
  [[], 3, /no such series/],
])("what is asked wrongly is told: %j", async (options, exit, words) => {
  const { code, err } = await verbs.run("history", "sim-1", "l:telemetry", "temp", ...options);
  expect([code, err.join()]).toEqual([exit, expect.stringMatching(words)]);
});

test("a line goes from the least to the most, with a space where nothing came", () => {
  const line = (mean: (number | null)[]) =>
    sparkline({ from: 0, to: mean.length, t: mean.map((_, i) => i), mean }, mean.length);
  expect(line([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
  expect(line([5, null, 5])).toBe("▁ ▁");
  expect(sparkline({ from: 0, to: 4, t: [0, 1, 2, 3], mean: [0, 0, 7, 7] }, 2)).toBe("▁█");
});
