import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { type Ending, type Fate, FaultPlan, harmless } from "./fault-plan.ts";
import { FaultProxy, type FaultProxyOptions } from "./fault-proxy.ts";

let server: Server;
let proxy: FaultProxy;
/** The target's ends of its connections, and what each has heard. */
let accepted: Socket[];
let heard: string[];
let cuts: Ending[];
let port: number;

beforeEach(async () => {
  accepted = [];
  heard = [];
  cuts = [];
  server = createServer((socket) => {
    const at = accepted.push(socket) - 1;
    heard[at] = "";
    socket.on("data", (chunk) => {
      heard[at] += chunk.toString("latin1");
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of accepted) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A plan whose connections have these fates, then harmless ones. */
function planOf(...fates: Partial<Fate>[]): FaultPlan {
  const plan = new FaultPlan(1, 1000);
  plan.next = () => ({ ...harmless, ...fates.shift() });
  return plan;
}

async function start(plan: FaultPlan, options: Partial<FaultProxyOptions> = {}): Promise<void> {
  const target = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  proxy = new FaultProxy({ plan, target: () => target, onCut: (ending) => cuts.push(ending), ...options });
  ({ port } = await proxy.start());
}

interface Caller {
  socket: Socket;
  heard: string;
  /** How it ended: "end", or the code of an error. */
  ended: string;
}

function call(): Caller {
  const socket = connect(port, "127.0.0.1");
  const caller: Caller = { socket, heard: "", ended: "" };
  socket.on("data", (chunk) => {
    caller.heard += chunk.toString("latin1");
  });
  socket.on("end", () => {
    caller.ended ||= "end";
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    caller.ended ||= error.code ?? "";
  });
  return caller;
}

test("bytes pass both ways, in order, in small pieces and late, and an end is passed on", async () => {
  const travel = { seed: 3, maxChunkBytes: 7, delayMs: [0, 3] as const };
  await start(planOf({ up: travel, down: travel }));
  const text = "0123456789".repeat(50);
  const caller = call();
  caller.socket.write(text);
  await until(() => expect(heard[0]).toBe(text));
  accepted[0].end(text);
  await until(() => expect(caller.heard).toBe(text));
  await until(() => expect(caller.ended).toBe("end"));
  expect(cuts).toEqual([]);
  expect(proxy.counts).toEqual({ connections: 1, unreachable: 0, cuts: 0, bytes: 1000 });
});

test("a connection is cut after exactly the byte of its fate, whatever else was sent with it", async () => {
  await start(planOf({ bytes: 25, ending: "close" }));
  const caller = call();
  caller.socket.write("0123456789");
  await until(() => expect(heard[0]).toBe("0123456789"));
  caller.socket.write("abcdefghijklmnopqrstuvwxyz");
  await until(() => expect(caller.socket.destroyed).toBe(true));
  await until(() => expect(accepted[0].destroyed).toBe(true));
  expect(heard[0]).toBe("0123456789abcdefghijklmno");
  expect(cuts).toEqual(["close"]);
});

test("a cut on the way back waits for the next bytes that way", async () => {
  await start(planOf({ bytes: 5, way: "down", position: 0.5, ending: "reset" }));
  const caller = call();
  caller.socket.write("0123456789");
  await until(() => expect(heard[0]).toBe("0123456789"));
  expect(cuts).toEqual([]);
  accepted[0].write("abcd");
  await until(() => expect(caller.ended).not.toBe(""));
  expect(cuts).toEqual(["reset"]);
});

describe("how a connection ends", () => {
  async function cut(ending: Ending): Promise<Caller> {
    await start(planOf({ bytes: 1, ending }));
    const caller = call();
    caller.socket.write("x");
    await until(() => expect(cuts).toEqual([ending]));
    return caller;
  }

  test("reset: both ends learn of it at once", async () => {
    const caller = await cut("reset");
    await until(() => expect(caller.socket.destroyed).toBe(true));
    await until(() => expect(accepted[0]?.destroyed).toBe(true));
  });

  test("near: who called is reset; the target keeps a connection that nobody is at", async () => {
    const caller = await cut("near");
    await until(() => expect(caller.socket.destroyed).toBe(true));
    await until(() => expect(accepted[0]?.write("anybody there?")).toBe(true));
    expect(accepted[0].destroyed).toBe(false);
  });

  test("far: the target is reset; who called keeps a connection that nobody is at", async () => {
    const caller = await cut("far");
    await until(() => expect(accepted[0]?.destroyed).toBe(true));
    caller.socket.write("anybody there?");
    expect(caller.socket.destroyed).toBe(false);
  });

  test("silent: neither learns of it, and nothing passes any more", async () => {
    const caller = await cut("silent");
    await until(() => expect(heard[0]).toBe("x"));
    caller.socket.write("lost");
    const other = call();
    other.socket.write("passes");
    await until(() => expect(heard[1]).toBe("passes"));
    expect([heard[0], caller.socket.destroyed, accepted[0].destroyed]).toEqual(["x", false, false]);
  });
});

test("where no cut is allowed any more, everything passes", async () => {
  await start(planOf({ bytes: 1 }), { mayCut: () => false });
  const caller = call();
  caller.socket.write("0123456789");
  await until(() => expect(heard[0]).toBe("0123456789"));
});

test("cutAll() breaks what is open, and the next connection is a new one", async () => {
  await start(planOf());
  const first = call();
  await until(() => expect(accepted).toHaveLength(1));
  proxy.cutAll("reset");
  await until(() => expect(first.socket.destroyed).toBe(true));
  const second = call();
  second.socket.write("again");
  await until(() => expect(heard[1]).toBe("again"));
});

test("a target that is not there is told by a reset, and counted", async () => {
  await start(planOf(), { target: () => undefined });
  const caller = call();
  await until(() => expect(caller.socket.destroyed).toBe(true));
  expect(proxy.counts.unreachable).toBe(1);
});

test("a port that is taken is an error that names it and the option", async () => {
  await start(planOf());
  const second = new FaultProxy({ plan: planOf(), target: () => undefined });
  await expect(second.start({ host: "127.0.0.1", port })).rejects.toMatchObject({
    code: "PORT_BUSY",
    message: expect.stringContaining(`listen on 127.0.0.1:${port} (--listen)`),
    mend: "give another --listen",
  });
});
