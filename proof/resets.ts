/** Packets both ways over real sockets through a proxy that resets them (users S2). */
import { connect, type Socket } from "node:net";
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { Connection } from "../host/session/connection.ts";
import { SessionServer } from "../host/session/session-server.ts";
import { type Relay, tcpRelay } from "../host/testing/relay.ts";
import { type Random, randomInteger, seededRandom } from "../host/transports/random.ts";
import { TcpListener } from "../host/transports/tcp-listener.ts";
import { connectSession, detachSession, sessionDeadline, tickSession } from "../shared/session/lifecycle.ts";
import { receiveBytes } from "../shared/session/receive.ts";
import { ClientEnd } from "./client-end.ts";
import { Lane } from "./lane.ts";
import { hold, type Proof } from "./proof.ts";
import { ServerEnd } from "./server-end.ts";

const PACKETS_PER_CUT = 100;
/** What a connection carries at most before it is reset, both ways together: less than so many packets each way take. */
const MOST_BYTES_PER_CUT = 7000;
const BUFFER_BYTES = 65_536;
const TICK_MS = 5;
/** Nothing came over for so long: it hangs. */
const STALL_MS = 30_000;

export const resets: Proof = {
  name: "resets",
  promise: "packets both ways over sockets that are reset: none is lost, repeated or reordered",
  unit: "packets each way",
  scale: 100_000,
  async run(seed, scale) {
    const client = new ClientEnd(systemClock.now, BUFFER_BYTES, () => end.durable);
    const end = new ServerEnd(
      BUFFER_BYTES,
      () => client.delivered,
      (session, count) => session.accept(count),
    );
    const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };
    const server = new SessionServer(settings, systemClock, end.greet);
    const listener = new TcpListener({
      host: "127.0.0.1",
      port: 0,
      setting: "proof",
      onTransport: (transport) =>
        new Connection(transport, server, systemClock, silentLog, null, () => {}).start(),
      onAcceptError: (error) => {
        throw error;
      },
    });
    server.start();
    const { port } = await listener.start();
    const relay = await tcpRelay(port);
    const dialler = new Dialler(client, end, relay, scale, seededRandom(seed));
    try {
      await dialler.run();
      hold(client.closed === 0 && end.closed === 0, () => `a session ended: ${client.closed}, ${end.closed}`);
    } finally {
      dialler.stop();
      await relay.stop();
      server.stop();
      await listener.stop();
    }
    const least = scale / PACKETS_PER_CUT;
    hold(dialler.cuts >= least, () => `only ${dialler.cuts} resets, at least ${least} were to be made`);
    return `${scale} packets each way, ${dialler.cuts} resets: 0 lost, 0 repeated, 0 reordered`;
  },
};

/** The client's side: connects again and again, and has the relay reset what it connected. */
class Dialler {
  cuts = 0;
  private socket: Socket | null = null;
  private readonly lane = new Lane();
  private cutAt = 0;
  private ticker: NodeJS.Timeout | null = null;
  private movedAt = systemClock.now();
  private settle: ((error?: unknown) => void) | null = null;

  constructor(
    private readonly client: ClientEnd,
    private readonly end: ServerEnd,
    private readonly relay: Relay,
    private readonly total: number,
    private readonly random: Random,
  ) {}

  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = (error) => (error === undefined ? resolve() : reject(error));
      this.ticker = setInterval(() => this.guard(() => this.tick()), TICK_MS);
      this.dial();
    });
  }

  stop(): void {
    if (this.ticker !== null) clearInterval(this.ticker);
    this.settle = null;
    this.socket?.destroy();
  }

  private dial(): void {
    const socket = connect(Number(this.relay.boardEnd), "127.0.0.1");
    this.socket = socket.setNoDelay(true);
    this.lane.clear();
    this.cutAt = this.relay.bytes + randomInteger(this.random, 1, MOST_BYTES_PER_CUT);
    this.client.output = this.lane;
    socket.on("connect", () => this.guard(() => connectSession(this.client.session, systemClock.now())));
    socket.on("data", (chunk) =>
      this.guard(() => receiveBytes(this.client.session, chunk, 0, chunk.length, systemClock.now())),
    );
    // The reset shows as an error first; what follows from it, close says.
    socket.on("error", () => {});
    socket.on("close", () => this.guard(() => this.lose(socket)));
  }

  private lose(socket: Socket): void {
    if (this.socket !== socket) return;
    detachSession(this.client.session, systemClock.now());
    this.dial();
  }

  private tick(): void {
    const now = systemClock.now();
    hold(
      now - this.movedAt < STALL_MS,
      () => `no end: ${this.end.delivered} up, ${this.client.delivered} down`,
    );
    if (now >= sessionDeadline(this.client.session)) tickSession(this.client.session, now);
  }

  /** Does something, then whatever follows from it: more packets, a commit, bytes on their way, a reset. */
  private guard(action: () => void): void {
    if (this.settle === null) return;
    const { client, end, total, lane, socket } = this;
    const before = client.acknowledged + end.acknowledged;
    try {
      action();
      client.fill(total);
      end.commit();
      end.fill(total);
    } catch (error) {
      this.settle(error);
      return this.stop();
    }
    if (client.acknowledged + end.acknowledged > before) this.movedAt = systemClock.now();
    lane.deliver(Infinity, (bytes, start, stop) => socket?.write(bytes.slice(start, stop)));
    if (client.disconnected !== 0) socket?.destroy();
    client.disconnected = 0;
    if (client.acknowledged === total && end.acknowledged === total) {
      this.settle();
      this.stop();
    } else if (this.relay.bytes >= this.cutAt) {
      this.cutAt = Infinity;
      this.cuts++;
      this.relay.breakNow();
    }
  }
}
