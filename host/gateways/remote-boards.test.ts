/** What boards behind other gateways are called. */
import { afterEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { delivered } from "../store/group.ts";
import { Chain, type Site } from "./testing/service-net.ts";

let chain: Chain;
afterEach(() => chain.stop());

/** Gateway 1 of three, connected with gateway 2. */
async function near(): Promise<Site> {
  chain = new Chain(3);
  chain.sites[1].boards = chain.sites[2].boards = ["sim-1"];
  await chain.start();
  chain.join();
  await until(() => chain.sites[0].node.mesh.get(2n)?.isConnected);
  return chain.sites[0];
}

const info = { ot: "l:info" };

test.each([
  ["its host id", "3/sim-1"],
  ["the name it has in the configuration", "attic/sim-1"],
])("a gateway is found by %s, two hops away", async (_what, address) => {
  const { services, book } = await near();
  services.names.configure(new Map([[3n, "attic"]]), [3n]);
  const { rq, outcome } = await services.boards.submit(address, info, 60_000, {});
  expect(await outcome).toMatchObject({ outcome: "delivered" });
  expect(book.view(rq)?.device).toBe(address);
});

test("a gateway is found by the name it introduced itself with, unless the configuration has another", async () => {
  const { services } = await near();
  expect(services.names.nameOf(2n)).toBe("gw2");
  expect(services.names.find("gw2")).toBe(2n);
  services.names.configure(new Map([[2n, "cellar"]]), []);
  expect(services.names.all()).toEqual([{ hostId: 2n, name: "cellar" }]);
});

test("a name that two gateways have of themselves, or one has in the configuration, is not told by who says it", async () => {
  const { services } = await near();
  services.names.hear(3n, "gw2");
  services.names.configure(new Map(), [3n]);
  expect(services.names.all().map(({ name }) => name)).toEqual(["2", "3"]);
  services.names.configure(new Map([[3n, "gw2"]]), [3n]);
  expect([services.names.nameOf(2n), services.names.find("gw2")]).toEqual(["2", 3n]);
});

test.each(["a/b", "..", "", "x y", "ä"])("%j is no name", async (name) => {
  const { services } = await near();
  services.names.hear(3n, name);
  services.names.configure(new Map(), [3n]);
  expect(services.names.nameOf(3n)).toBe("3");
});

test.each([
  ["gw22/sim-1", "no gateway gw22; did you mean gw2/sim-1?"],
  ["elsewhere/sim-1", "no gateway elsewhere; known: 3, gw2"],
  ["gw2/", "no board is named; known: 3, gw2"],
])("%s is not found, and what is there is told", async (address, words) => {
  const { services } = await near();
  const asked = services.boards.submit(address, info, 60_000, {});
  await expect(asked).rejects.toMatchObject({
    code: "DEVICE_UNKNOWN",
    message: `sending l:info to ${address}: ${words}`,
  });
});

test("a board that was heard of is known, also by the next life", async () => {
  const { services, node } = await near();
  const changes = services.boards.note(2n, "sim-1");
  expect(changes.map(({ key }) => key)).toEqual(["v/2/sim-1"]);
  expect(services.boards.note(2n, "sim-1"), "once a minute").toEqual([]);
  services.boards.heard(2n, "sim-1", delivered(5, "gw2/sim-1", "e", 7, 123, { v: 1 }));
  const view = { id: "gw2/sim-1", gateway: "gw2", connected: true, delivered: 1, watermark: 7, lastAt: 123 };
  expect(services.boards.views()).toMatchObject([view]);
  await new Promise<void>((resolve) => node.store.keep(changes, resolve));
  await chain.restart(0);
  expect(chain.sites[0].services.boards.views()).toMatchObject([{ id: "2/sim-1", connected: false }]);
});
