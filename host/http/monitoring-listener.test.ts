import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { silentLog } from "../platform/log.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { MonitoringListener } from "./monitoring-listener.ts";

const stops = stopAfterEach();
const line = { sync_time: 1_795_301_705_979, name: "example_calculator-py", is_alive: true };

async function begin(): Promise<number> {
  const listener = new MonitoringListener({
    work: { monitoring: () => [line] },
    ...{ host: "127.0.0.1", port: 0, log: silentLog },
  });
  const { port } = await listener.start();
  stops.push(() => listener.stop());
  return port;
}

test("the last heartbeat of each name is told without a token, as the original does", async () => {
  const base = `http://127.0.0.1:${await begin()}/v1/monitoring`;
  const answer = await fetch(`${base}?last`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "application/json;charset=utf-8",
  ]);
  expect(await answer.text()).toBe(
    '[{"sync_time":1795301705979,"name":"example_calculator-py","is_alive":true}]',
  );
  expect(await (await fetch(base)).text()).toBe("");
});

test("nothing else is there, and nothing can be done", async () => {
  const base = `http://127.0.0.1:${await begin()}`;
  expect((await fetch(`${base}/api/v1/tasks`)).status).toBe(404);
  const answer = await fetch(`${base}/v1/monitoring?last`, { method: "DELETE" });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("a page that was led here by another name reads nothing", async () => {
  const socket = connect(await begin(), "127.0.0.1");
  socket.write("GET /v1/monitoring?last HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 .*HOST_REFUSED/s);
});

test("a busy port is named with its setting and what mends it", async () => {
  const port = await begin();
  const second = new MonitoringListener({
    work: { monitoring: () => [] },
    ...{ host: "127.0.0.1", port, log: silentLog },
  });
  await expect(second.start()).rejects.toMatchObject({
    code: "PORT_BUSY",
    message: expect.stringContaining(`127.0.0.1:${port} (monique.rest.port)`),
    mend: `bowline up --set monique.rest.port=${port + 1}`,
  });
});
