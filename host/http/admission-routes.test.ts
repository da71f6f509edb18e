import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;
const asReader = { headers: { authorization: `Bearer ${read}` } };

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
});
afterEach(() => http.stop());

test("pairing is opened and closed by who may control, and seen by who may read", async () => {
  expect(await http.get("/api/v1/pairing", asReader)).toEqual([200, { remainingMs: 0, paired: [] }]);
  expect(await http.post("/api/v1/pairing", { forS: 1.5 })).toEqual([200, { remainingMs: 1500, paired: [] }]);
  gateway.pairing.paired.push("b-1");
  expect((await http.get("/api/v1/pairing", asReader))[1].paired).toEqual(["b-1"]);
  expect((await http.post("/api/v1/pairing", { forS: 60 }, asReader))[0]).toBe(403);
  expect(gateway.pairing.remainingMs).toBe(1500);
  expect((await http.post("/api/v1/pairing", { forS: 0 }))[1].remainingMs).toBe(0);
});

test.each([{}, { forS: -1 }, { forS: 3601 }, { forS: "60" }, { forS: null }])(
  "%j opens nothing",
  async (body) => {
    const [status, { error }] = await http.post("/api/v1/pairing", body);
    expect([status, error.code]).toEqual([400, "REQUEST_INVALID"]);
    expect(gateway.pairing.remainingMs).toBe(0);
  },
);

test("a field that nobody reads is refused, with the one that was meant", async () => {
  const [status, { error }] = await http.post("/api/v1/pairing", { forS: 60, fors: 1 });
  expect([status, error.code, error.allowed]).toEqual([400, "FIELD_UNKNOWN", ["forS"]]);
  expect(error.message).toBe('reading the body: unknown field "fors", did you mean forS?; allowed: forS');
  expect(gateway.pairing.remainingMs).toBe(0);
});

test("a key is taken by who may control; that there is none is told", async () => {
  gateway.keys.set("b-1", 2);
  const revoke = (init: RequestInit = {}) => http.get("/api/v1/keys/b-1", { method: "DELETE", ...init });
  expect((await revoke(asReader))[0]).toBe(403);
  expect(await revoke()).toEqual([200, { id: "b-1", sessions: 2 }]);
  const [status, { error }] = await revoke();
  expect([status, error.code]).toEqual([404, "KEY_UNKNOWN"]);
});
