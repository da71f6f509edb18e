import { readFileSync } from "node:fs";
import { type ClientRequest, request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { FakeGateway, serialView } from "./testing/fake-gateway.ts";
import { control, read, ServerUnderTest } from "./testing/server-under-test.ts";

const path = "/dev/serial/by-id/usb-Espruino_Pico_30003B-if00";
let gateway: FakeGateway;
let http: ServerUnderTest;

beforeEach(async () => {
  gateway = new FakeGateway();
  gateway.serial = [serialView(path)];
  http = await new ServerUnderTest(gateway).start();
});
afterEach(() => http.stop());

const ask = (body: object, signal?: AbortSignal) =>
  http.fetch("/api/v1/ports/lend", {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });

/** The body as far as it has come, and then its end. */
async function firstChunk(response: Response) {
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  return { text: Buffer.from(value!).toString(), reader };
}

test("the answer begins with what was lent and stays open; when its connection ends the port is given back", async () => {
  const controller = new AbortController();
  const response = await ask({ path, to: "bowline flash, pid 812" }, controller.signal);
  expect(response.status).toBe(200);
  const { text } = await firstChunk(response);
  expect(text).toBe(`{"path":"${path}","baud":115200}\n`);
  expect([...gateway.loans]).toEqual([[path, "bowline flash, pid 812"]]);
  controller.abort();
  await until(() => gateway.loans.size === 0);
});

test("a server that stops ends the loans, and does not wait for the borrowers", async () => {
  const response = await ask({ path });
  const { reader } = await firstChunk(response);
  expect([...gateway.loans.values()]).toEqual(["another program"]);
  await http.stop();
  expect((await reader.read()).done).toBe(true);
  expect(gateway.loans.size).toBe(0);
});

test("a borrower that has gone before the port was closed has given it back", async () => {
  let close = () => {};
  gateway.closing = new Promise((resolve) => {
    close = resolve;
  });
  const borrower = borrow();
  await until(() => gateway.lendings.includes("asked"));
  const { localPort } = borrower.socket!;
  borrower.destroy();
  await until(() => serverSocket(localPort) === undefined);
  close();
  await until(() => gateway.lendings.includes("given back"));
  expect(gateway.lendings).toEqual(["asked", "lent", "given back"]);
});

test("the kernel asks after a borrower that says nothing", async () => {
  const borrower = borrow();
  await new Promise((resolve) => borrower.once("response", resolve));
  // Timer 2 is keepalive's.
  expect(serverSocket(borrower.socket!.localPort)?.[5]).toMatch(/^02:/);
  borrower.destroy();
});

test("who may only read may not borrow", async () => {
  const [status] = await http.post("/api/v1/ports/lend", { path }, asReader);
  expect([status, gateway.loans.size]).toEqual([403, 0]);
});

test("a port that the gateway does not keep is 404, with those it keeps", async () => {
  const [status, { error }] = await http.post("/api/v1/ports/lend", { path: "/dev/ttyUSB0" });
  expect([status, error.code]).toEqual([404, "PORT_UNKNOWN"]);
  expect(error.message).toBe(`lending /dev/ttyUSB0: the gateway keeps no such port; there are: ${path}`);
  gateway.serial = [];
  const [, { error: none }] = await http.post("/api/v1/ports/lend", { path });
  expect(none.message).toMatch(/none is configured$/);
});

test.each([
  [{}, "REQUEST_INVALID"],
  [{ path: "" }, "REQUEST_INVALID"],
  [{ path: 1 }, "REQUEST_INVALID"],
  [{ path, to: "x".repeat(81) }, "REQUEST_INVALID"],
  [{ path, too: "x" }, "FIELD_UNKNOWN"],
])("%j lends nothing", async (body, code) => {
  const [status, { error }] = await http.post("/api/v1/ports/lend", body);
  expect([status, error.code, gateway.loans.size]).toEqual([400, code, 0]);
});

/** A client without a pool of connections, which is therefore its own to break. */
function borrow(): ClientRequest {
  const headers = { authorization: `Bearer ${control}` };
  const call = request(`${http.base}/api/v1/ports/lend`, { method: "POST", headers, agent: false });
  call.on("error", () => {}).end(JSON.stringify({ path }));
  return call;
}

/** The fields of the server's end of a connection, as the kernel shows it: sl local remote state tx:rx tr:when … */
function serverSocket(clientPort: number | undefined): string[] | undefined {
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, local = "", remote = ""]) => portOf(local) === http.port && portOf(remote) === clientPort);
}

const asReader = { headers: { authorization: `Bearer ${read}` } };
const portOf = (address: string) => Number.parseInt(address.split(":")[1], 16);
