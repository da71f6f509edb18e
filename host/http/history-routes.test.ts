import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
});
afterEach(() => http.stop());

const temp = { device: "sim-1", type: "l:telemetry", field: "temp" };
const AT = Date.UTC(2026, 10, 27, 12);
const path = "/api/v1/history";
const named = "device=sim-1&type=l:telemetry&field=temp";

test("the list of series says what there is, of all boards or one, and how the history is", async () => {
  gateway.history.add(temp, AT, 20.5);
  gateway.history.add(temp, AT + 1000, 20.75);
  gateway.history.add({ ...temp, device: "gw2/sim-1" }, AT, 1);
  gateway.history.seen = { state: "fault", fault: "no room", mend: "df -h", unkept: 3 };
  const [status, { series, unkept, history }] = await http.get(`${path}/series`);
  expect([status, unkept, series.length]).toEqual([200, 3, 2]);
  expect(series[0]).toEqual({ ...temp, from: AT, to: AT + 1000, last: 20.75 });
  expect(history).toMatchObject({ state: "fault", fault: "no room", mend: "df -h", maxBytes: 268_435_456 });
  const [, one] = await http.get(`${path}/series?device=gw2/sim-1`);
  expect(one.series.map(({ device }: { device: string }) => device)).toEqual(["gw2/sim-1"]);
});

test("points come as columns: the last day's when no time is named, else from on and before to", async () => {
  gateway.history.add(temp, Date.now() - 90_000_000, 1);
  gateway.history.add(temp, Date.now() - 1000, 2);
  const [status, points] = await http.get(`${path}?${named}`, {
    headers: { authorization: `Bearer ${read}` },
  });
  expect([status, points.stepMs, points.mean]).toEqual([200, 0, [2]]);
  gateway.history.rowsHeld = [];
  for (let i = 0; i < 4; i++) gateway.history.add(temp, AT + 1000 * i, i);
  const [, part] = await http.get(`${path}?${named}&from=${AT + 1000}&to=${AT + 3000}`);
  expect(part).toEqual({
    ...{ ...temp, from: AT + 1000, to: AT + 3000, stepMs: 0 },
    ...{ t: [AT + 1000, AT + 2000], mean: [1, 2], min: [1, 2], max: [1, 2] },
  });
});

test("what is asked wrongly is refused in words", async () => {
  for (const [query, code, words] of [
    ["device=sim-1&type=l:telemetry", "QUERY_INVALID", /field: it is missing/],
    [`${named}&points=5001`, "QUERY_INVALID", /points: "5001"; allowed: a whole number from 1 to 5000/],
    [`${named}&from=5&to=5`, "QUERY_INVALID", /from: 5; allowed: less than to, 5/],
    [`${named}&form=5`, "QUERY_UNKNOWN", /did you mean from\?/],
    [named, "SERIES_UNKNOWN", /no such series/],
  ] as const) {
    const [status, { error }] = await http.get(`${path}?${query}`);
    expect([status, error.code]).toEqual([code === "SERIES_UNKNOWN" ? 404 : 400, code]);
    expect(error.message).toMatch(words);
  }
  const [status, { error }] = await http.get(`${path}/csv?device=sim-1&field=temp`);
  expect([status, error.message]).toEqual([400, expect.stringMatching(/^reading type: it is missing/)]);
});

test("a file of all rows is CSV that a spreadsheet takes for text, under a name that leads nowhere", async () => {
  gateway.history.add(temp, AT, 20.5);
  gateway.history.add(temp, AT + 60_000, 20.75, { min: 20, max: 21.5, count: 6 });
  gateway.history.add({ ...temp, type: "=cmd", field: 'a "b",c' }, AT, -1);
  const answer = await http.fetch(`${path}/csv?device=sim-1&from=0&to=${AT + 3_600_000}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="sim-1.csv"');
  expect(await answer.text()).toBe(
    "time,device,type,field,mean,min,max,count\r\n" +
      "2026-11-27T12:00:00.000Z,sim-1,l:telemetry,temp,20.5,20.5,20.5,1\r\n" +
      "2026-11-27T12:01:00.000Z,sim-1,l:telemetry,temp,20.75,20,21.5,6\r\n" +
      `2026-11-27T12:00:00.000Z,sim-1,'=cmd,"a ""b"",c",-1,-1,-1,1\r\n`,
  );
  const odd = await http.fetch(`${path}/csv?device=../gw2/sim-1&type=l:"x`);
  expect(odd.headers.get("content-disposition")).toBe('attachment; filename="-gw2-sim-1_l-x.csv"');
  expect(await odd.text()).toBe("time,device,type,field,mean,min,max,count\r\n");
});
