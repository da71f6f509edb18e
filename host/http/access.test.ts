import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { control, read, ServerUnderTest } from "./testing/server-under-test.ts";

let http: ServerUnderTest;

beforeEach(async () => {
  http = await new ServerUnderTest(new FakeGateway()).start();
});
afterEach(() => http.stop());

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

test("a request without a token is told how to get one", async () => {
  const response = await http.fetch("/api/v1/devices", { headers: {} });
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="bowline"');
  expect(await response.json()).toEqual({
    error: {
      code: "TOKEN_NEEDED",
      message: "/api/v1/devices: no token; allowed: one of the gateway's tokens",
      mend: expect.stringContaining("bowline up"),
      shown: false,
    },
  });
});

test.each([
  ["a wrong token", { authorization: "Bearer nonsense" }, ""],
  ["another scheme", { authorization: `Basic ${control}` }, ""],
  ["a wrong header beside a right address", { authorization: "Bearer x" }, `?token=${control}`],
  ["a wrong address", {}, "?token="],
  ["a cookie of another port", { cookie: `bowline-1=${control}` }, ""],
])("%s is refused", async (_, headers: Record<string, string>, query) => {
  const [status, { error }] = await http.get(`/api/v1/devices${query}`, { headers });
  const isShown = headers.cookie === undefined;
  expect([status, error.code, error.shown]).toEqual([401, "TOKEN_NEEDED", isShown]);
  if (isShown) expect(error.message).toContain("the token shown is none of this gateway's");
});

test("a token is taken from the header, the address and the cookie", async () => {
  const cookie = `other=1; bowline-${http.port}=${read}`;
  expect((await http.get("/api/v1/devices", bearer(read)))[0]).toBe(200);
  expect((await http.get(`/api/v1/devices?token=${read}`, { headers: {} }))[0]).toBe(200);
  expect((await http.get("/api/v1/devices", { headers: { cookie } }))[0]).toBe(200);
});

test("the read token may not make requests", async () => {
  const [status, { error }] = await http.post(
    "/api/v1/devices/sim-1/requests",
    { ot: "l:info" },
    bearer(read),
  );
  expect([status, error.code]).toEqual([403, "ROLE_READ"]);
});
