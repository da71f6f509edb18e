/** IRC over the API: what is there, what is asked, and what cannot be. */
import { beforeEach, expect, test } from "vitest";
import { stopAfterEach } from "../testing/stops.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { ServerUnderTest } from "./testing/server-under-test.ts";

const stops = stopAfterEach();
let gateway: FakeGateway;
let http: ServerUnderTest;

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
  stops.push(() => http.stop());
});

test("GET tells how it stands", async () => {
  expect(await http.get("/api/v1/irc")).toEqual([200, gateway.ircView]);
});

test("GET lines tells the newest lines of one network, or of all", async () => {
  gateway.hearIrc("out", "NICK gw");
  gateway.hearIrc("in", ":ann!a@h PRIVMSG gw :!led sim-1 on", "attic");
  const all = await http.get("/api/v1/irc/lines");
  expect(all).toEqual([200, { lines: gateway.ircLines }]);
  const [, { lines }] = await http.get("/api/v1/irc/lines?network=lab&limit=1");
  expect(lines.map(({ n, way, text }: { n: number; way: string; text: string }) => [n, way, text])).toEqual([
    [1, "out", "NICK gw"],
  ]);
  expect((await http.get("/api/v1/irc/lines?limit=501"))[0]).toBe(400);
});

test("POST ask says the request and answers with the Datum", async () => {
  const body = { network: "lab", to: "sim-1@attic", via: "attic", message: { ot: "l:led", on: true } };
  const [status, answer] = await http.post("/api/v1/irc/ask?timeout=5", body);
  expect([status, answer]).toEqual([200, { ot: "l:led", src: "sim-1@attic", re: "1", on: true }]);
  expect(gateway.ircAsked).toEqual([{ ...body, timeoutMs: 5000 }]);
});

test.each([
  [{ via: "a", message: { ot: "x" } }, "REQUEST_INVALID"],
  [{ to: "s@a", message: { ot: "x" } }, "REQUEST_INVALID"],
  [{ to: "s@a", via: "a" }, "REQUEST_INVALID"],
  [{ to: "s@a", via: "a", message: [] }, "REQUEST_INVALID"],
  [{ to: "s@a", via: "a", message: { ot: "" } }, "REQUEST_INVALID"],
  [{ to: "s@a", via: "a", message: { ot: "x" }, network: 1 }, "REQUEST_INVALID"],
  [{ to: "s@a", via: "a", message: { ot: "x" }, nick: "a" }, "FIELD_UNKNOWN"],
])("%j is refused", async (body, code) => {
  const [status, { error }] = await http.post("/api/v1/irc/ask", body);
  expect([status, error.code, gateway.ircAsked]).toEqual([400, code, []]);
});

test("POST again asks for what was lost, in any of its forms", async () => {
  const requests = [
    ...[10, 11, 20, 21, 30, 31].map((kind) => ({ kind, id: "567", via: "attic" })),
    { network: "lab", kind: 20, id: "1000", via: "#lab", owner: "attic" },
  ];
  for (const body of requests) expect(await http.post("/api/v1/irc/again", body)).toEqual([200, {}]);
  expect(gateway.ircAsked).toEqual(requests);
});

test.each([
  [{ kind: 12, id: "1", via: "a" }, "REQUEST_INVALID"],
  [{ kind: 10, via: "a" }, "REQUEST_INVALID"],
  [{ kind: 10, id: "", via: "a" }, "REQUEST_INVALID"],
  [{ kind: 10, id: "1" }, "REQUEST_INVALID"],
  [{ kind: 10, id: "1", via: "a\nQUIT" }, "REQUEST_INVALID"],
  [{ kind: 10, id: "1", via: "a", owner: "b c" }, "REQUEST_INVALID"],
  [{ kind: 10, id: "1", via: "a", network: 1 }, "REQUEST_INVALID"],
  [{ kind: 10, id: "1", via: "a", lst: 10 }, "FIELD_UNKNOWN"],
])("%j is not asked for again", async (body, code) => {
  const [status, { error }] = await http.post("/api/v1/irc/again", body);
  expect([status, error.code, gateway.ircAsked]).toEqual([400, code, []]);
});
