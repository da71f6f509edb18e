import { afterEach, beforeEach, expect, test } from "vitest";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;
let reload = async () => ({
  peers: { added: ["42"], changed: [], removed: [], routes: [] },
  restart: ["tcp"],
});
const asReader = { headers: { authorization: `Bearer ${read}` } };

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway, { reload: () => reload() }).start();
});
afterEach(() => http.stop());

test("who may control has the configuration read anew, and is told what came of it", async () => {
  expect((await http.post("/api/v1/peers/reload", {}, asReader))[0]).toBe(403);
  expect(await http.post("/api/v1/peers/reload", {})).toEqual([
    200,
    { peers: { added: ["42"], changed: [], removed: [], routes: [] }, restart: ["tcp"] },
  ]);
  reload = async () => {
    throw new BowlineError("CONFIG_INVALID", "peers.connect.0.id: …", ExitCode.usage, "bowline config check");
  };
  const [status, { error }] = await http.post("/api/v1/peers/reload", {});
  expect([status, error.code, error.mend]).toEqual([400, "CONFIG_INVALID", "bowline config check"]);
});

test("a gateway's key is taken by who may control; one that has none is told", async () => {
  gateway.peerKeys.set("42", 1);
  expect(await http.delete("/api/v1/peers/42/key")).toEqual([200, { id: "42", sessions: 1 }]);
  const [status, { error }] = await http.delete("/api/v1/peers/42/key");
  expect([status, error.code]).toEqual([404, "KEY_UNKNOWN"]);
});
