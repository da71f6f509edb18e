/** Both sides of an introduction over lines in memory that are cut, slow and crossed, as a seed has it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPeerKeys } from "../admission/key-store.ts";
import { mac } from "../admission/mac.ts";
import type { PeerConfig } from "../config/schema.ts";
import { systemClock } from "../platform/clock.ts";
import { silentLog } from "../platform/log.ts";
import { ClientSession } from "../session/client-session.ts";
import { Connection } from "../session/connection.ts";
import { SessionServer } from "../session/session-server.ts";
import { FaultyLine } from "../transports/faulty.ts";
import { MemoryPair } from "../transports/memory-pair.ts";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { Dialling } from "./dialling.ts";
import { Introducer } from "./introducer.ts";
import { Listening } from "./listening.ts";
import { Nonces } from "./nonces.ts";
import { Pair } from "./pair.ts";
import { PeerAdmission } from "./peer-admission.ts";
import { RegisteredPeer } from "./peer-registry.ts";
import { PlainPeer } from "./testing/plain-peer.ts";
import { peersOf } from "./testing/test-gateways.ts";

const settings = { syncIntervalMinMs: 1, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** One gateway that knows one other; both have the same key. */
class Side {
  readonly peer: PlainPeer;
  readonly pair: Pair;
  readonly server: SessionServer;
  readonly key: Uint8Array;
  client: ClientSession | null = null;
  private readonly introducer: Introducer;

  constructor(
    readonly own: bigint,
    readonly other: bigint,
  ) {
    const keys = openPeerKeys("memory");
    keys.put(String(other), Buffer.alloc(32, 3).toString("base64"), "the test");
    const config = peersOf({ connect: [{ id: String(other) }] }).connect[0] as PeerConfig;
    this.peer = new PlainPeer(other, 1, own, () => {});
    this.pair = new Pair(own, new RegisteredPeer(other, 1, config, this.peer));
    const admission = new PeerAdmission(
      keys,
      () => ({ isInsecure: false, isLoopback: false }),
      () => undefined,
    );
    this.key = admission.keyOf(other)!;
    this.introducer = new Introducer({
      ...{ hostId: own, name: `gw-${own}`, epoch: () => own * 1000n, log: silentLog, admission },
      haveUpTo: (id, epoch) => (id === other ? this.peer.haveUpTo(epoch) : undefined),
      onIntroduced: (_, session, introduced) => this.pair.offer(session, introduced),
      onRefused: (_, reason) => {
        throw new Error(`${own} refuses: ${reason}`);
      },
    });
    const nonces = new Nonces();
    this.server = new SessionServer(
      settings,
      systemClock,
      (session) => new Listening(session, this.introducer, nonces),
      (session, shown, wire) => admission.mayResume(session, shown, wire),
    );
  }

  /** A connection to the other, over the session that there is or a new one. */
  dial(there: Side, line: ConstructorParameters<typeof MemoryPair>[0]): MemoryPair {
    const pair = new MemoryPair(line);
    if (this.client === null) {
      const hmac = (text: string) => mac(this.key, text);
      const session = new ClientSession(
        settings,
        systemClock,
        () => {
          this.client = null;
        },
        hmac,
      );
      session.setOwner(
        new Dialling(session, { hostId: this.other, key: this.key, isVouchedFor: false }, this.introducer),
      );
      this.client = session;
    }
    new Connection(pair.b, there.server, systemClock, silentLog, null, () => {}).start();
    new Connection(pair.a, this.client, systemClock, silentLog, null, () => {}).start();
    return pair;
  }
}

/** STEP=1: at every byte. */
const STEP = Number(process.env.STEP ?? 3);

test("cut after any byte, either way, both know each other over the next connection, and nothing is lost", async () => {
  for (const way of ["toA", "toB"] as const) {
    for (let bytes = 0; bytes < 330; bytes += STEP) {
      const [low, high] = [new Side(5n, 7n), new Side(7n, 5n)];
      for (let i = 0; i < 3; i++) {
        low.peer.send(`${i}`);
        high.peer.send(`${i}`);
      }
      low.dial(high, { delivery: "microtask", [way]: new FaultyLine({ seed: 1, cutAfterBytes: bytes }) });
      await pass(3);
      // Where nothing was cut this one takes over: the newest connection wins.
      low.dial(high, { delivery: "microtask" });
      await pass(3);
      const what = `${way} cut after ${bytes} bytes`;
      expect([what, low.peer.got, high.peer.got]).toEqual([what, ["0", "1", "2"], ["0", "1", "2"]]);
      expect([what, low.peer.unacknowledged, high.peer.unacknowledged]).toEqual([what, 0, 0]);
      expect([what, low.pair.isConnected, high.pair.isConnected]).toEqual([what, true, true]);
    }
  }
});

const ROUNDS = Number(process.env.ROUNDS ?? 25);
const SEED = Number(process.env.SEED ?? 21);

test(`both dial at once: in any order of events the session of the lower id survives at both ends (SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  let crossed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const [low, high] = [new Side(5n, 7n), new Side(7n, 5n)];
    const slow = () =>
      new FaultyLine({ seed: randomInteger(random, 1, 1e9), delayMs: [0, 20], maxChunkBytes: 40 });
    const begin = [randomInteger(random, 0, 30), randomInteger(random, 0, 30)];
    const sides = [
      [low, high],
      [high, low],
    ] as const;
    const lines: MemoryPair[] = [];
    let sent = 0;
    for (let ms = 0; ms < 260; ms++) {
      sides.forEach(([from, to], i) => {
        if (ms === begin[i]) lines.push(from.dial(to, { toA: slow(), toB: slow() }));
      });
      if (ms % 5 === 0 && sent < 20) {
        low.peer.send(`${sent}`);
        high.peer.send(`${sent}`);
        sent++;
      }
      for (const line of lines) line.deliver(performance.now());
      await pass(1);
    }
    const what = `SEED=${SEED}, round ${round}`;
    const expected = Array.from({ length: sent }, (_, i) => `${i}`);
    expect([what, low.peer.got, high.peer.got]).toEqual([what, expected, expected]);
    const [ours, theirs] = [low.pair.introduced, high.pair.introduced];
    expect([what, ours?.isDialled, theirs?.isDialled]).toEqual([what, true, false]);
    expect([what, Buffer.from(low.pair.session!.id)]).toEqual([what, Buffer.from(high.pair.session!.id)]);
    expect([what, low.pair.isConnected, high.pair.isConnected]).toEqual([what, true, true]);
    for (const { peer } of [low, high]) {
      if (peer.sessions.length === 1) continue;
      crossed++;
      // What it had goes back before there is another (iotgw H3).
      const [first, ...others] = peer.told.filter((text) => !text.startsWith("dis"));
      expect([what, first?.slice(0, 7), others[0]?.slice(0, 6)]).toEqual([what, "welcome", "closed"]);
    }
  }
  // The rule was needed: in some the session of the higher id came first.
  expect(crossed).toBeGreaterThan(ROUNDS / 20);
});
