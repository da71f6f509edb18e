import { beforeEach, expect, test } from "vitest";
import { stopAfterEach } from "../testing/stops.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { componentView } from "./testing/fake-work.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";
import type { HubView } from "./work-api.ts";

const stops = stopAfterEach();
let gateway: FakeGateway;
let http: ServerUnderTest;

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
  stops.push(() => http.stop());
});

test("components are listed, and one is told with its history, also when it is gone", async () => {
  const { work } = gateway;
  work.componentViews = [componentView("example_clock"), componentView("bowline_sim-1", { address: "here" })];
  const gone = { at: 7, name: "example_bank", creator: "b", state: "gone", message: "" } as const;
  const late = { at: 5, name: "example_clock", creator: "c", state: "late", message: "busy" } as const;
  work.historyLines = [gone, late];
  expect(await http.get("/api/v1/components")).toEqual([200, { components: work.componentViews }]);
  expect(await http.get("/api/v1/components/example_clock")).toEqual([
    200,
    { components: [work.componentViews[0]], history: [late] },
  ]);
  expect(await http.get("/api/v1/components/example_bank")).toEqual([
    200,
    { components: [], history: [gone] },
  ]);
});

test("a component that is dead is forgotten by who may; one that is there is not", async () => {
  const { work } = gateway;
  const dead = componentView("example_clock", { state: "dead" });
  const own = componentView("bowline_store", { state: "dead", address: "here" });
  work.componentViews = [dead, componentView("example_clock"), own];
  const forget = (name: string, init: RequestInit = {}) =>
    http.get(`/api/v1/components/${name}`, { method: "DELETE", ...init });
  expect((await forget("example_clock", { headers: { authorization: `Bearer ${read}` } }))[0]).toBe(403);
  expect(work.componentViews).toHaveLength(3);
  expect(await forget("example_clock")).toEqual([200, { name: "example_clock", forgotten: 1 }]);
  const [status, { error }] = await forget("example_clock");
  expect([status, error.code]).toEqual([400, "COMPONENT_THERE"]);
  expect(error.message).toBe("forgetting example_clock: it is alive; allowed: a component that is dead");
  expect((await forget("example_bank"))[1].error.code).toBe("COMPONENT_UNKNOWN");
  work.forgetDead = () => 0;
  expect((await forget("bowline_store"))[1].error.message).toContain("it is a part of the gateway");
});

test("an unknown component is told from a known one", async () => {
  const { work } = gateway;
  expect((await http.get("/api/v1/components/x"))[1].error.message).toBe(
    "looking for x: no such component; none has been heard",
  );
  work.componentViews = [componentView("example_clock"), componentView("example_clock")];
  const [status, { error }] = await http.get("/api/v1/components/x");
  expect([status, error.code]).toEqual([404, "COMPONENT_UNKNOWN"]);
  expect(error.message).toBe("looking for x: no such component; known: example_clock");
});

test("the hub tells where it listens and what it counted; without one it is said so", async () => {
  const [status, { error }] = await http.get("/api/v1/hub");
  expect([status, error.code]).toEqual([503, "MONIQUE_DISABLED"]);
  const hub = { addresses: null, counts: { refusedKills: { tech: 3 } } } as unknown as HubView;
  gateway.work.hub = hub;
  expect(await http.get("/api/v1/hub")).toEqual([200, hub]);
});

test("monitoring is told as the original does: a list with ?last, whatever it holds, and nothing without", async () => {
  gateway.work.lines = [
    { sync_time: 1_795_301_705_979, name: "example_calculator-py", is_alive: true },
    { sync_time: 1_795_301_705_980, name: "example_clock", is_alive: false, message: "Processed" },
  ];
  const text = async (path: string) => (await http.fetch(path)).text();
  const told =
    '[{"sync_time":1795301705979,"name":"example_calculator-py","is_alive":true},' +
    '{"sync_time":1795301705980,"name":"example_clock","is_alive":false,"message":"Processed"}]';
  expect(await text("/v1/monitoring?last")).toBe(told);
  expect(await text("/v1/monitoring?last=0")).toBe(told);
  expect(await text("/v1/monitoring")).toBe("");
});

test("components and monitoring take a token; the one that reads is enough", async () => {
  for (const path of ["/api/v1/components", "/v1/monitoring?last"]) {
    expect((await http.fetch(path, { headers: {} })).status).toBe(401);
    expect((await http.fetch(path, { headers: { authorization: `Bearer ${read}` } })).status).toBe(200);
  }
});

test("each instance of a component that changed is an event", async () => {
  const { work } = gateway;
  const reader = await http.events("/api/v1/events");
  await reader.next();
  const [first, second] = ["127.0.0.1:1", "127.0.0.1:2"].map((address) =>
    componentView("example_clock", { address, instances: 2 }),
  );
  work.componentViews = [first, componentView("example_bank"), second];
  work.changes.publish({ kind: "component", name: "example_clock" });
  expect(await reader.next()).toEqual({ event: "component", data: first });
  expect(await reader.next()).toEqual({ event: "component", data: second });
  reader.close();
});
