/** When a connection is tried for, in time that passes only when the test says so. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { systemClock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { silentLog } from "../platform/log.ts";
import { ClientSession } from "../session/client-session.ts";
import { Connection } from "../session/connection.ts";
import { nobody } from "../session/session-owner.ts";
import { SessionServer } from "../session/session-server.ts";
import { nowhere } from "../session/wire.ts";
import { MemoryPair } from "../transports/memory-pair.ts";
import { Dialler, type DialPolicy } from "./dialler.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A dialler, and a far end that answers when it is there; both sides take each other for known. */
class Scene {
  /** When each try was made, ms from the beginning. */
  readonly tries: number[] = [];
  readonly lines: string[] = [];
  readonly ends: string[] = [];
  isThere = false;
  isConnected = false;
  /** Whether a session is introduced as soon as there is one. */
  introduces = true;
  pair: MemoryPair | null = null;
  server = this.newServer();
  readonly dialler: Dialler;
  private readonly began = systemClock.now();

  constructor(
    options: { policy?: DialPolicy; isLower?: boolean; random?: () => number; addresses?: number } = {},
  ) {
    const tell = (fields: { reason?: string }, text: string) =>
      void this.lines.push(`${text}: ${fields.reason}`);
    const log = { ...silentLog, warn: tell } as Log;
    const { policy = "auto", isLower = true, random = () => 0, addresses = 1 } = options;
    this.dialler = new Dialler({
      ...{ peer: "7", policy, isLower, random, wire: nowhere, clock: systemClock, log },
      waits: () => ({ leastMs: 1000, mostMs: 60_000 }),
      addresses: Array.from({ length: addresses }, () => async () => this.answer()),
      newSession: (onEnded) => {
        const end = (session: ClientSession, code: Code) => {
          this.ends.push(codeName(code));
          onEnded(session, code);
        };
        const session = new ClientSession(settings, systemClock, end);
        const known = () => this.introduces && session.confirm(65_536);
        session.setOwner({ ...nobody, onConnected: () => void known() });
        return session;
      },
      isConnected: () => this.isConnected,
    });
  }

  newServer(): SessionServer {
    return new SessionServer(settings, systemClock, (session) => ({
      ...nobody,
      onConnected: () => session.confirm(65_536),
    }));
  }

  private answer() {
    this.tries.push(Math.round(systemClock.now() - this.began));
    if (!this.isThere) throw new Error("nobody is there");
    this.pair = new MemoryPair({ delivery: "microtask" });
    new Connection(this.pair.b, this.server, systemClock, silentLog, null, () => {}).start();
    return this.pair.a;
  }
}

test("it tries at once, and then waits longer each time, up to a minute, by chance", async () => {
  const scene = new Scene({ random: () => 0.5 });
  scene.dialler.look();
  await pass(300_000);
  // 1000 + half of what three times the wait before is above it.
  const waits = scene.tries.slice(1).map((at, i) => at - (scene.tries[i] ?? 0));
  expect(scene.tries[0]).toBe(0);
  expect(waits.slice(0, 5)).toEqual([2000, 3500, 5750, 9125, 14_188]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(60_000);
  expect(waits.at(-1)).toBe(30_500); // 1000…60000
  expect(scene.lines).toEqual(["not connected: nobody is there"]);
  expect(scene.dialler.fault).toBe("nobody is there");
});

test("after a connection that stood for 30 s the wait begins small again, after a shorter one it does not", async () => {
  for (const [stood, wait] of [
    [29_999, 5750],
    [30_000, 2000],
  ] as const) {
    const scene = new Scene({ random: () => 0.5 });
    scene.dialler.look();
    await pass(2000);
    scene.isThere = true;
    await pass(3500);
    expect(scene.tries).toEqual([0, 2000, 5500]);
    await pass(stood);
    scene.pair?.cut();
    await pass(wait - 1);
    expect([stood, scene.tries.length]).toEqual([stood, 3]);
    await pass(1);
    expect([stood, scene.tries.length]).toEqual([stood, 4]);
    scene.dialler.stop(Code.CLOSED);
  }
});

test.each<[string, ConstructorParameters<typeof Scene>[0], number[]]>([
  ["auto, the lower id: at once", { policy: "auto", isLower: true }, [0]],
  ["auto, the higher id: once the lower has not come for 10 s", { policy: "auto", isLower: false }, [10_000]],
  ["always: at once, whoever it is", { policy: "always", isLower: false }, [0]],
  ["never: not at all", { policy: "never", isLower: true }, []],
  ["without an address: not at all", { policy: "always", addresses: 0 }, []],
  ["each address in turn, without a wait", { addresses: 3 }, [0, 0, 0]],
])("%s", async (_, options, expected) => {
  const scene = new Scene(options);
  scene.dialler.look();
  await pass(10_999);
  expect(scene.tries.filter((at) => at < 1000 || expected.includes(at))).toEqual(expected);
});

test("while the two have a connection, whoever made it, nothing is tried; when it is gone, the higher id is patient anew", async () => {
  const scene = new Scene({ isLower: false });
  scene.dialler.look();
  await pass(5000);
  scene.isConnected = true;
  scene.dialler.look();
  await pass(60_000);
  scene.isConnected = false;
  scene.dialler.look();
  await pass(9999);
  expect(scene.tries).toEqual([]);
  await pass(1);
  expect(scene.tries).toEqual([75_000]);
});

test("its own session is gone on with at once, also by the higher id: nobody else can", async () => {
  const scene = new Scene({ isLower: false });
  scene.isThere = true;
  scene.dialler.look();
  await pass(10_000);
  scene.pair?.cut();
  await pass(1000);
  expect([scene.tries, scene.ends]).toEqual([[10_000, 11_000], []]);
});

test("a session that the other side has forgotten is followed by a new one without a wait", async () => {
  const scene = new Scene();
  scene.isThere = true;
  scene.dialler.look();
  await pass(0);
  scene.server = scene.newServer(); // it was restarted
  scene.pair?.cut();
  await pass(1000);
  expect([scene.tries, scene.ends]).toEqual([[0, 1000, 1000], ["SESSION_UNKNOWN"]]);
});

test("told to, it tries now", async () => {
  const scene = new Scene({ isLower: false });
  scene.dialler.look();
  await pass(10);
  scene.dialler.dialNow();
  await pass(0);
  expect(scene.tries).toEqual([10]);
});

test("the higher id gives up what it has begun when the lower has come; the lower goes on", async () => {
  for (const isLower of [true, false]) {
    const scene = new Scene({ isLower, policy: "always" });
    scene.isThere = true;
    scene.introduces = false;
    scene.dialler.look();
    await pass(1);
    scene.isConnected = true;
    scene.dialler.look();
    expect([isLower, scene.ends]).toEqual([isLower, isLower ? [] : ["SUPERSEDED"]]);
    scene.dialler.stop(Code.CLOSED);
  }
});

test("stopped, it ends its session and tries no more", async () => {
  const scene = new Scene();
  scene.isThere = true;
  scene.dialler.look();
  await pass(0);
  scene.dialler.stop(Code.PEER_REMOVED);
  scene.dialler.dialNow();
  await pass(120_000);
  expect([scene.tries, scene.ends]).toEqual([[0], ["PEER_REMOVED"]]);
});
