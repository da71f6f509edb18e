import { beforeEach, describe, expect, test } from "vitest";
import type { ReloadView } from "../http/api.ts";
import { FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { Lane } from "../queue/packet.ts";
import { type LinkedGateways, startLinked } from "../testing/linked-gateways.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { VerbRunner } from "./testing/run-verb.ts";

const stops = stopAfterEach();

async function verbsOf(gateway: ConstructorParameters<typeof ServerUnderTest>[0]): Promise<VerbRunner> {
  const server = await new ServerUnderTest(gateway).start();
  stops.push(() => server.stop());
  return new VerbRunner(`${server.base}/?token=${control}`);
}

describe("of a gateway that is linked with barn, and whose shed is away", () => {
  let linked: LinkedGateways;
  let verbs: VerbRunner;

  beforeEach(async () => {
    linked = await startLinked();
    stops.push(() => linked.stop());
    verbs = await verbsOf(linked.attic.gateway);
  });

  test("peers tells who is there, what waits, and how this one is configured elsewhere", async () => {
    await linked.attic.gateway.others.mesh.send({
      ...{ dst: 8n, cmd: Command.EVENT, reqtype: Reqtype.ASYNC, lane: Lane.BULK, ttlMs: Infinity },
      content: Buffer.alloc(2000),
    });
    const { code, out, err } = await verbs.run("peers");
    expect(code).toBe(0);
    const shown = out.map((line) =>
      line.replace(/127\.0\.0\.1:\d+ */, "127.0.0.1:PORT ").replace(/\d+ s {2}/, "N s  "),
    );
    expect(shown).toEqual([
      "this gateway: attic, host id 5, listens on 127.0.0.1:PORT ",
      "gateway  id  state   via                  dialled by  waiting  bytes    oldest  received  repeats  faults  sessions  connections  leads to  subscribed to",
      "barn     7   open    tcp 127.0.0.1:PORT this              0  0 B      -              0        0       0         1            1  cellar    -",
      "shed     8   absent  -                    -                 1  2.0 KiB  N s            0        0       0         0            0  -         -",
    ]);
    expect(err).toEqual(["shed: waits for it to connect"]);
  });

  test("peers --json prints this gateway, then each other", async () => {
    const { out } = await verbs.run("peers", "--json");
    const [own, barn, shed] = out.map((line) => JSON.parse(line));
    const { port } = linked.attic.gateway.others.gateways.address!;
    const listen = { host: "127.0.0.1", port, isOpen: true };
    expect(own).toEqual({ self: true, id: "5", name: "attic", listen });
    expect(barn).toEqual({
      ...{ self: false, id: "7", name: "barn", generation: 1, state: "open", isDialled: true, says: "barn" },
      ...{ via: expect.stringMatching(/^tcp 127/), epoch: linked.barn.gateway.store.epoch },
      ...{ nextTryMs: null, fault: "", waiting: { packets: 0, bytes: 0, oldestMs: null } },
      ...{ received: 0, repeats: 0, faults: 0, sessions: 1, connections: 1 },
      ...{ leadsTo: ["cellar"], subscribe: [] },
    });
    expect([shed.state, shed.epoch, shed.says]).toEqual(["absent", "", ""]);
  });
});

describe("of a gateway that", () => {
  const listen = { host: "127.0.0.1", port: 12_002, isOpen: false };

  test("knows no other: peers says what to write where", async () => {
    const gateway = new FakeGateway();
    gateway.peers = { gateway: { id: "42", name: "attic", listen }, peers: [] };
    const { code, out, err } = await (await verbsOf(gateway)).run("peers");
    const seen = "this gateway: attic, host id 42, will listen on 127.0.0.1:12002 once another is configured";
    expect([code, out]).toEqual([0, [seen]]);
    expect(err).toContain('    - { id: "42", name: attic, host: ADDRESS-OF-THIS-ONE, port: 12002 }');
    expect(err).toContain("  there  npx bowline key add 42 --peer --in for-other.key");
  });

  test("does not reach one: peers says why, and when it tries again", async () => {
    const gateway = new FakeGateway();
    const fault = "connecting to 10.0.0.7:12002: no route";
    const state = {
      state: "absent",
      via: "",
      isDialled: false,
      says: "",
      epoch: "",
      nextTryMs: 12_400,
      fault,
    };
    const counts = { received: 0, repeats: 0, faults: 0, sessions: 0, connections: 0 };
    const waiting = { packets: 0, bytes: 0, oldestMs: null };
    const barn = {
      id: "7",
      name: "barn",
      generation: 1,
      ...state,
      waiting,
      ...counts,
      leadsTo: [],
      subscribe: [],
    };
    gateway.peers = { gateway: { id: "42", name: "attic", listen: null }, peers: [barn as never] };
    const { out, err } = await (await verbsOf(gateway)).run("peers");
    expect(out[0]).toBe("this gateway: attic, host id 42, does not listen for others (peers.listen)");
    expect(err).toEqual([`barn: ${fault}; next try in 12 s`]);
    gateway.peers.gateway.listen = listen;
    const again = await (await verbsOf(gateway)).run("peers");
    expect(again.out[0]).toMatch(/, could not listen on 127\.0\.0\.1:12002: npx bowline peers reload$/);
  });
});

test("peers reload tells what has changed, and what takes a restart", async () => {
  let reloaded: ReloadView = { peers: { added: [], changed: [], removed: [], routes: [] }, restart: [] };
  const server = await new ServerUnderTest(new FakeGateway(), { reload: async () => reloaded }).start();
  stops.push(() => server.stop());
  const verbs = new VerbRunner(`${server.base}/?token=${control}`);
  expect((await verbs.run("peers", "reload")).out).toEqual([
    "no gateway has changed, and no spec that has workers",
  ]);
  reloaded = {
    peers: { added: ["42", "43"], changed: [], removed: ["44"], routes: ["45"] },
    monique: { added: ["example_clock"], changed: [], removed: ["example_bank", "example_a"] },
    restart: ["tcp", "log"],
  };
  expect(await verbs.run("peers", "reload")).toEqual({
    code: 0,
    out: [
      "added 42, 43",
      "removed 44",
      "routes 45",
      "added workers of example_clock",
      "removed workers of example_bank, example_a",
    ],
    err: ["changed as well, for the next start: tcp, log"],
  });
  for (const args of [
    ["reload", "--json"],
    ["--json", "reload"],
  ]) {
    const { out, err } = await verbs.run("peers", ...args);
    expect([out.map((line) => JSON.parse(line)), err]).toEqual([[reloaded], []]);
  }
});
