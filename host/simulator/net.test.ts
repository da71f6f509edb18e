import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { SimulatedBoard } from "./simulated-board.ts";

let board: SimulatedBoard | undefined;
let lines: string[];

beforeEach(() => {
  lines = [];
});

afterEach(() => board?.stop());

function startBoard(bundle: string, port: number): void {
  const onConsole = (line: string) => void lines.push(line);
  board = new SimulatedBoard({
    id: "sim-1",
    bundle,
    transport: { kind: "tcp", host: "127.0.0.1", port },
    onConsole,
  });
  board.start();
}

async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}

test("strings both ways in pieces of at most 536; a view leaves as decimal text", async () => {
  let received = "";
  const { server, port } = await listen((socket) => {
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1");
    });
    socket.end(Buffer.alloc(2000, 0xff));
  });
  const program = `var n = 0, most = 0;
    require("net").connect(require("Storage").readJSON("bowline.json").tcp, function (s) {
      s.on("data", function (d) { n += d.length; most = Math.max(most, d.length) });
      s.on("close", function (bad) { print(n, most, bad) });
      s.write("\\xff"); s.write(new Uint8Array([0, 1, 2])) })`;
  startBoard(program, port);
  await until(() => expect(lines).toEqual(["2000 536 false"]));
  await until(() => expect(received).toBe("\xff0,1,2"));
  server.close();
});

test("a refused connection is told by 'error' and 'close'", async () => {
  const { server, port } = await listen(() => {});
  await new Promise((resolve) => server.close(resolve));
  const program = `var s = require("net").connect({ host: "127.0.0.1", port: ${port} }, print);
    s.on("error", function () { print("error") }); s.on("close", function (bad) { print("close", bad) })`;
  startBoard(program, port);
  await until(() => expect(lines).toEqual(["error", "close true"]));
});

test("Wi-Fi is there as soon as it is asked for", async () => {
  startBoard(`require("Wifi").connect("net", {}, function (e) { print(e, require("Wifi").getIP().ip) })`, 1);
  await until(() => expect(lines).toEqual(["null 127.0.0.1"]));
});
