/** What `bowline irc` and its verbs show of a gateway, and what they send it. */
import { beforeEach, describe, expect, test } from "vitest";
import { FakeGateway } from "../../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../../http/testing/server-under-test.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { VerbRunner } from "../testing/run-verb.ts";

const stops = stopAfterEach();
let gateway: FakeGateway;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new FakeGateway();
  const server = await new ServerUnderTest(gateway).start();
  stops.push(() => server.stop());
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});

const counts = {
  ...{ linesIn: 9, linesOut: 4, bytesIn: 0, bytesOut: 0, tooLong: 0, faults: 0, ignored: 0, outgrown: 0 },
  ...{ confirmed: 4, withdrawn: 0, dropped: 0, lost: 1, throttledMs: 0, connections: 2 },
};
const peer = {
  ...{
    nick: "robot",
    account: null,
    peer: null,
    version: "0.3.33",
    profile: "strict" as const,
    isSigned: true,
  },
  ...{ heardAt: 0, datums: 3, faults: 0, roundTripMs: 12.4, missedPings: 0, pausedUntil: null },
};
const KEY = "ab".repeat(32);

function online(): void {
  gateway.ircView = {
    ...{ enabled: true, address: "bowline@kitchen", key: KEY },
    commands: { accepted: 2, refused: 1, open: 0, people: 9, silenced: 3 },
    networks: [
      {
        ...{ name: "lab", server: "irc.example", state: "online", nick: "gw", mask: null, account: "gw" },
        channels: [{ name: "#lab", state: "joined", reason: "", mend: "", members: 3, nextTryMs: null }],
        ...{
          counts,
          queue: { control: 0, fresh: 1, again: 0, unconfirmed: 0 },
          nextTryMs: null,
          lastError: null,
        },
        ...{ peers: [peer], silent: [], chains: [], answers: { waiting: 0, tooOld: 0 } },
        participant: {} as FakeGateway["ircView"]["networks"][number]["participant"],
        pendingKeys: [{ key: "cd".repeat(32), nick: "bob", account: null, at: 0 }],
      },
    ],
    routes: [
      {
        ...{ network: "lab", target: "#lab", devices: ["sim-*"], types: ["*"], detail: "full" },
        ...{ told: 17, behind: 2, unconfirmed: 1, again: 1, unsure: 0 },
        skipped: { tooOld: 3, forgotten: 0, overtaken: 0, unchanged: 4, givenUp: 0, unwritable: 0 },
        refusals: 0,
      },
    ],
  };
}

describe("bowline irc", () => {
  test("says of a route that the server refuses what is said there", async () => {
    online();
    gateway.ircView.routes[0].refusals = 2;
    const { err } = await verbs.run("irc");
    expect(err).toContain(
      "lab: what is for #lab was refused 2 times: nobody there has that nick, or we may not speak there",
    );
  });

  test("tells networks, channels, routes and what was asked", async () => {
    online();
    const { code, out, err } = await verbs.run("irc");
    expect([code, err]).toEqual([0, []]);
    expect(out.map((line) => line.trimEnd())).toEqual([
      "network  server       state   nick  account  lines in  out  lost  waiting  connections",
      "lab      irc.example  online  gw    gw              9    4     1        1            2",
      "",
      "channel  network  state   members",
      "#lab     lab      joined        3",
      "",
      "route to  boards  types  detail  told  behind  unconfirmed  again  left out",
      "#lab      sim-*   *      full      17       2            1      1  tooOld 3, thinned 4",
      "requests: 2 accepted, 1 refused, 0 open",
      "people: 9 questions and commands; 3 answers not said, to who had many (6 at once, one in 10 s)",
    ]);
  });

  test("says what is missing when there is no network, and why one is away", async () => {
    expect((await verbs.run("irc")).err).toEqual([
      "no IRC network is configured: irc.host, irc.nick, irc.channels",
    ]);
    online();
    const [network] = gateway.ircView.networks;
    network.silent = ["attic"];
    network.state = "waiting";
    network.nextTryMs = 7000;
    network.lastError = { code: "IRC_REFUSED", text: "connecting: refused", mend: "look at irc.host" };
    expect((await verbs.run("irc")).err).toEqual([
      "lab: attic does not answer any more; what is said may not be heard there",
      "lab: connecting: refused [IRC_REFUSED]; next try in 7 s",
      "  mend: look at irc.host",
    ]);
  });

  test("of a channel that is closed to us what mends it, and of one that waits for the network nothing twice", async () => {
    online();
    const [network] = gateway.ircView.networks;
    const seen = { members: 0, nextTryMs: 5000 };
    network.channels = [
      { name: "#key", state: "refused", reason: "475 Bad channel key", mend: "irc.channelKeys", ...seen },
      { name: "#off", state: "absent", reason: "connecting to irc.example:6697: refused", mend: "", ...seen },
    ];
    const { out, err } = await verbs.run("irc");
    expect(out[4]).toMatch(/^#key +lab +refused: 475 Bad channel key +0$/);
    expect(out[5]).toMatch(/^#off +lab +absent +0$/);
    expect(err).toEqual(["#key: refused", "  mend: irc.channelKeys"]);
  });

  test("peers and key tell who speaks, and which keys there are", async () => {
    online();
    expect((await verbs.run("irc", "peers")).out.map((line) => line.trimEnd())).toEqual([
      "nick   network  name  version  profile  signed  datums  faults  round trip",
      "robot  lab      -     0.3.33   strict   yes          3       0  12 ms",
    ]);
    const { out } = await verbs.run("irc", "key");
    expect(out).toEqual([
      `this gateway signs with ${KEY}`,
      "where it is to be believed:",
      `  operators: [ { name: NAME, key: ${KEY} } ]`,
      `heard, and not pinned: ${"cd".repeat(32)} of bob`,
    ]);
  });

  test("again asks for what was lost, of who said it or of everybody", async () => {
    await verbs.run("irc", "again", "datum", "567", "--via", "attic");
    await verbs.run("irc", "again", "container", "1", "--via", "#lab", "--everybody", "--network", "lab");
    await verbs.run("irc", "again", "object", "7", "--via", "#lab", "--owner", "attic");
    expect(gateway.ircAsked).toEqual([
      { kind: 30, id: "567", via: "attic" },
      { kind: 11, id: "1", via: "#lab", network: "lab" },
      { kind: 20, id: "7", via: "#lab", owner: "attic" },
    ]);
  });

  test.each([
    [["sim-1", "l:info"], 'the address "sim-1"; allowed: one as sim-1@attic'],
    [["a b@attic", "l:info"], 'the address "a b@attic"'],
    [["@attic", "l:info"], 'the address "@attic"'],
    [["sim-1@attic", "l: x"], 'the type "l: x"; allowed: one as l:led'],
    [["sim-1@attic", "l:"], 'the type "l:"'],
    [["sim-1@attic", "l:led", "{on"], "reading JSON: unexpected"],
  ])("ask %j is refused before anything is said", async (words, text) => {
    online();
    const { code, err } = await verbs.run("irc", "ask", ...words, "--via", "attic");
    expect([code, err[0]]).toEqual([2, expect.stringContaining(text)]);
    expect(err[0]).toContain("mend: npx bowline irc ask --help");
    expect(gateway.ircAsked).toEqual([]);
  });

  test("ask says a request over IRC and prints its answer; an error in it is one", async () => {
    const asked = await verbs.run("irc", "ask", "sim-1@attic", "l:led", '{"on":true}', "--via", "attic");
    expect(asked.out.map((line) => JSON.parse(line))).toEqual([
      { ot: "l:led", src: "sim-1@attic", re: "1", on: true },
    ]);
    expect(gateway.ircAsked).toEqual([
      { to: "sim-1@attic", via: "attic", message: { ot: "l:led", on: true }, timeoutMs: 30_000 },
    ]);
    gateway.irc.ask = async () => ({ ot: "l:led", err: "not now", code: "NOT_ALLOWED" });
    const refused = await verbs.run("irc", "ask", "sim-1@attic", "l:led", "--via", "attic");
    expect([refused.code, refused.err]).toEqual([
      8,
      ["bowline: asking sim-1@attic over IRC: not now [NOT_ALLOWED]"],
    ]);
  });
});
