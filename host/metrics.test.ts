/** What a real gateway tells Prometheus: a board's session is cut and resumed, a stranger refused, and a component dies. */
import { connect } from "node:net";
import { expect, test } from "vitest";
import { read as readToken, ServerUnderTest } from "./http/testing/server-under-test.ts";
import { isPromtoolAvailable, promtool, promtoolNeeded } from "./metrics/testing/promtool.ts";
import { samplesOf } from "./metrics/testing/samples.ts";
import { until } from "./platform/testing/until.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const stops = stopAfterEach();

async function begin(...set: string[]): Promise<{ gw: TestGateway; http: ServerUnderTest }> {
  const gw = await startGateway(set);
  stops.push(() => gw.stop());
  const http = await new ServerUnderTest(gw.gateway).start();
  stops.push(() => http.stop());
  return { gw, http };
}

const asRead = { headers: { authorization: `Bearer ${readToken}` } };

async function scrape(http: ServerUnderTest): Promise<string> {
  const response = await http.fetch("/metrics", asRead);
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  return response.text();
}

test("a session that was cut goes on, and the scrape says with how many packets, bytes and repeats", async () => {
  const { gw, http } = await begin();
  const board = await gw.board({ id: "sim-1" });
  for (let i = 0; i < 20; i++) board.send(JSON.stringify({ ot: "l:n", i }));
  await gw.until("20 messages", () => gw.messages.length === 20);
  board.attach(tcpTransport(await gw.dial()));
  board.send(JSON.stringify({ ot: "l:n", i: 20 }));
  await gw.until("the message behind the cut", () => gw.messages.length === 21);
  const samples = samplesOf(await scrape(http));
  const expected = {
    'bowline_devices{state="connected"}': 1,
    'bowline_device_up{device="sim-1"}': 1,
    'bowline_device_delivered_total{device="sim-1"}': 21,
    'bowline_device_missing_total{device="sim-1"}': 0,
    'bowline_session_active{kind="board"}': 1,
    'bowline_session_connected{kind="board"}': 1,
    'bowline_session_resumes_total{kind="board",result="ok"}': 1,
    'bowline_session_resume_seconds_count{kind="board"}': 1,
    'bowline_session_unacked_packets{kind="board"}': 0,
    'bowline_link_up{link="tcp"}': 1,
    'bowline_link_connections{link="tcp"}': 1,
    'bowline_link_opens_total{link="tcp",result="ok"}': 2,
    bowline_messages_delivered_total: 21,
    bowline_store_up: 1,
  };
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, samples.get(name)]))).toEqual(
    expected,
  );
  expect(samples.get('bowline_link_rx_bytes_total{link="tcp"}')).toBeGreaterThan(21 * 18);
  expect(samples.get("bowline_store_commit_seconds_count")).toBeGreaterThan(0);
  expect(samples.get("bowline_store_bytes_written_total")).toBeGreaterThan(21 * 18);
  expect(samples.get('bowline_session_rtt_seconds_count{kind="board"}')).toBeGreaterThan(0);
});

test("a request that waits for a board is in its queue, with its age, and invalidated when it is withdrawn", async () => {
  const { gw, http } = await begin();
  const board = await gw.board({ id: "sim-1" });
  await gw.until("the board", () => gw.gateway.devicesView().some(({ connected }) => connected));
  board.detach();
  await gw.until("its end", () => gw.gateway.devicesView().every(({ connected }) => !connected));
  const { rq, outcome } = await gw.gateway.router.submit("sim-1", { ot: "l:info" }, 60_000, {});
  const waiting = samplesOf(await scrape(http));
  expect(waiting.get('bowline_queue_packets{peer="sim-1",class="normal"}')).toBe(1);
  expect(waiting.get('bowline_queue_oldest_age_seconds{peer="sim-1"}')).toBeGreaterThan(0);
  gw.gateway.router.cancel(rq);
  expect(await outcome).toMatchObject({ outcome: "cancelled" });
  const after = samplesOf(await scrape(http));
  expect(after.get('bowline_queue_packets{peer="sim-1",class="normal"}')).toBe(0);
  expect(after.get('bowline_queue_invalidated_total{reason="cancelled"}')).toBe(1);
});

test("who shows no session, no key or no token is counted where it was tried, and learns nothing of /metrics", async () => {
  const { gw, http } = await begin();
  expect(await http.get("/metrics", { headers: {} })).toMatchObject([
    401,
    { error: { code: "TOKEN_NEEDED" } },
  ]);
  expect(
    await http.get("/metrics", { headers: { authorization: "Bearer wrong-token-0123456789" } }),
  ).toMatchObject([401, { error: { code: "TOKEN_NEEDED" } }]);
  const socket = connect(gw.tcpPort, "127.0.0.1");
  stops.push(async () => void socket.destroy());
  socket.write(Uint8Array.of(1, 16, ...new Uint8Array(16).fill(7))); // go on with a session that nobody has
  const resumes = 'bowline_session_resumes_total{kind="board",result="unknown"}';
  await until(async () => samplesOf(await scrape(http)).get(resumes) === 1);
  expect(samplesOf(await scrape(http)).get('bowline_auth_failures_total{surface="http"}')).toBe(2);
});

test.skipIf(!isPromtoolAvailable)(`its text is valid to Prometheus (${promtoolNeeded})`, async () => {
  const ports = ["com.in", "com.out", "tech.in", "tech.out"].map((port) => `monique.hub.${port}=0`);
  const { gw, http } = await begin("monique.enabled=true", "monique.frequencyMs=100", ...ports);
  await gw.board({ id: "sim-1" });
  const alive = 'bowline_component_alive{name="bowline_sim-1"}';
  await until(async () => samplesOf(await scrape(http)).get(alive) === 1);
  const text = await scrape(http);
  expect(promtool(["check", "metrics"], text)).toEqual({ code: 0, said: "" });
  expect(text).not.toContain(readToken);
});
