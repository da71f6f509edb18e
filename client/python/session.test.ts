/** The Python client at a real gateway: over lines that break, with a key and without, what arrives arrives once and in order. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openKeys } from "../../host/admission/key-store.ts";
import { FaultPlan } from "../../host/chaos/fault-plan.ts";
import { FaultProxy } from "../../host/chaos/fault-proxy.ts";
import { silentLog } from "../../host/platform/log.ts";
import { until } from "../../host/platform/testing/until.ts";
import { folderForEach } from "../../host/testing/folders.ts";
import { startGateway, type TestGateway } from "../../host/testing/gateway.ts";
import { stopAfterEach } from "../../host/testing/stops.ts";
import { clientEnvironment, clientFolder, isPythonThere } from "./testing/python.ts";

const folder = folderForEach("python-client");
const toStop = stopAfterEach();

async function gatewayFor(log = silentLog): Promise<TestGateway> {
  const quick = ["session.syncIntervalMaxMs=500", "session.syncIntervalMinMs=5"];
  const gw = await startGateway([`data=${folder()}/data`, ...quick], log);
  toStop.push(() => gw.stop());
  return gw;
}

/** A program, `main(board)` of it, as board `py-1`; what it printed, and how it ended. */
async function run(program: string, port: number, key?: Buffer) {
  const file = join(folder(), "program.py");
  const text = `
import asyncio, sys
from bowline_session import *
${program}
async def start():
    async with Board("py-1", port=${port}, key=bytes.fromhex("${key?.toString("hex") ?? ""}") or None, answer=answer) as board:
        await main(board)
asyncio.run(start())
`;
  await writeFile(file, text);
  return watch(spawn("python3", [file], { env: clientEnvironment }));
}

function watch(child: ChildProcess) {
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const one = { printed: "", ended, kill: (signal: NodeJS.Signals) => child.kill(signal) };
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (piece) => {
      one.printed += piece;
    });
  toStop.push(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return one;
}

const COUNT = 400;
const counting = `
async def answer(request):
    if request["ot"] != "l:ask": return None
    if request["i"] == 3: raise ValueError("three is too many")
    print("ran", request["i"], flush=True)
    if request["i"] == 10: asked.set()
    return {"i": request["i"]}
async def main(board):
    global asked
    asked = asyncio.Event()
    for i in range(1, ${COUNT + 1}): await board.publish({"ot": "l:n", "i": i})
    await asked.wait()
`;

describe.skipIf(!isPythonThere)("(needs python3: sudo apt-get install python3)", () => {
  test.each([
    ["without a key", false],
    ["with a key, proving every resume", true],
  ])(
    "%s: over a line that breaks all the time nothing is lost, repeated or overtaken, both ways",
    async (_, hasKey) => {
      const key = hasKey ? Buffer.from(openKeys(`${folder()}/data`).draw("py-1")) : undefined;
      const gw = await gatewayFor();
      const plan = new FaultPlan(11, 700);
      const target = () => ({ host: "127.0.0.1", port: gw.tcpPort });
      const proxy = new FaultProxy({ plan, target, mayCut: () => proxy.counts.cuts < 25 });
      const { port } = await proxy.start();
      toStop.push(() => proxy.stop());
      const child = await run(counting, port, key);
      await gw.until("its first message", () => gw.messages.length > 0);
      const outcomes = [];
      for (let i = 1; i <= 10; i++) outcomes.push(await gw.request("py-1", { ot: "l:ask", i }));
      expect(await child.ended, child.printed).toBe(0);
      const data = gw.messages.filter(({ message }) => message.ot === "l:n");
      expect(data.map(({ message }) => message.i)).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
      expect(gw.messages.map(({ seq }) => seq)).toEqual(gw.messages.map((_, i) => i + 1));
      expect(proxy.counts.cuts).toBeGreaterThan(5);
      const good = [1, 2, 4, 5, 6, 7, 8, 9, 10];
      expect(child.printed).toBe(good.map((i) => `ran ${i}\n`).join(""));
      const reply = { re: expect.any(Number), i: expect.any(Number) };
      const failed = { re: expect.any(Number), err: "ValueError: three is too many" };
      expect(outcomes).toEqual(
        Array.from({ length: 10 }, (_, i) =>
          expect.objectContaining({ reply: expect.objectContaining(i === 2 ? failed : reply) }),
        ),
      );
    },
  );

  test("a gateway that was away gets what was not acknowledged meanwhile, and nothing else again", async () => {
    let gw = await gatewayFor();
    const target = () => ({ host: "127.0.0.1", port: gw.tcpPort });
    const proxy = new FaultProxy({ plan: new FaultPlan(1, Number.POSITIVE_INFINITY), target });
    const { port } = await proxy.start();
    toStop.push(() => proxy.stop());
    const program = `
answer = None
async def main(board):
    for i in range(1, 41):
        await board.publish({"ot": "l:n", "i": i})
        await asyncio.sleep(0.02)`;
    const child = await run(program, port);
    await gw.until("some", () => gw.messages.length > 5);
    await gw.stop();
    const first = gw.messages.map(({ message }) => message.i);
    gw = await gatewayFor();
    expect(await child.ended, child.printed).toBe(0);
    const second = gw.messages.map(({ message }) => message.i);
    expect([...first, ...second]).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  test("a gateway that has not its key, and one whose key is another, are sent no message", async () => {
    openKeys(`${folder()}/data`).draw("py-1");
    const codes = new Set<unknown>();
    const warn = (fields: object) => void codes.add((fields as { code?: unknown }).code);
    const gw = await gatewayFor({ ...silentLog, info: warn, warn });
    await run(counting, gw.tcpPort);
    await until(() => expect(codes).toContain("KEY_NEEDED"));
    await run(counting, gw.tcpPort, Buffer.alloc(32, 7));
    await until(() => expect(codes).toContain("PROOF_INVALID"));
    expect(gw.messages).toEqual([]);
  });

  test("requests that cannot be read or answered are answered with an error, and the next as ever", async () => {
    const gw = await gatewayFor();
    const program = `
async def answer(request):
    return {"l:list": [1], "l:set": {"v": {1}}, "l:large": {"v": "x" * 100000}, "l:ask": {"i": 4}}[request["ot"]]
async def main(board):
    board.client.on_packet((None, b"{no JSON"))
    board.client.on_packet((None, b"\\xff"))
    board.client.on_packet((None, b"7"))
    board.client.on_packet((None, b'{"rq":70}'))
    await asyncio.Event().wait()`;
    await run(program, gw.tcpPort);
    await gw.until("what could not be read", () => gw.messages.length === 4);
    const errors = ["JSONDecodeError: ", "UnicodeDecodeError: ", "TypeError: "];
    expect(gw.messages.map(({ message }) => message)).toEqual([
      ...errors.map((name) => ({ ot: "bowline:unreadable", err: expect.stringMatching(`^${name}`) })),
      { re: 70, err: "KeyError: 'ot'" },
    ]);
    for (const [ot, err] of [
      ["l:list", /^TypeError: /],
      ["l:set", /^TypeError: .*set/],
      ["l:large", /^ValueError: \d+ bytes; allowed \d+/],
      ["l:none", /^KeyError: 'l:none'$/],
    ] as const)
      expect(await gw.request("py-1", { ot })).toMatchObject({ reply: { err: expect.stringMatching(err) } });
    expect(await gw.request("py-1", { ot: "l:ask" })).toMatchObject({ reply: { i: 4 } });
  });

  test("thermometer.py says what its file says, and how often is asked of it", async () => {
    const gw = await gatewayFor();
    const file = join(folder(), "temp");
    await writeFile(file, "48250\n");
    watch(
      spawn("python3", [join(clientFolder, "thermometer.py"), "127.0.0.1", String(gw.tcpPort), file], {
        env: clientEnvironment,
      }),
    );
    await gw.until("its first value", () => gw.messages.length === 1);
    expect(gw.messages[0]).toMatchObject({ device: "thermometer", message: { ot: "l:temp", v: 48.25 } });
    expect(await gw.request("thermometer", { ot: "l:interval", s: 0.1 })).toMatchObject({
      reply: { s: 0.1 },
    });
    expect(await gw.request("thermometer", { ot: "l:led" })).toMatchObject({
      reply: { err: "unknown request l:led" },
    });
  });
});
