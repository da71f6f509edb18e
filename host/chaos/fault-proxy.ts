/**
 * A TCP proxy that breaks what it carries: in front of our gateway in `bowline chaos`, or of anything else that speaks
 * over TCP. Every connection has a fate of its own, drawn from the plan.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { BowlineError } from "../platform/errors.ts";
import { listenError } from "../transports/listen-error.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { type Ending, harmless } from "./fault-plan.ts";
import { FaultyConnection } from "./faulty-connection.ts";

export interface Address {
  host: string;
  port: number;
}

export interface FaultProxyOptions {
  plan: FaultPlan;
  /** Asked for every connection: a gateway that was started again is elsewhere; undefined: nobody is there. */
  target(): Address | undefined;
  /** Asked for every cut. */
  mayCut?(): boolean;
  onCut?(ending: Ending): void;
}

export class FaultProxy {
  readonly counts = { connections: 0, unreachable: 0, cuts: 0, bytes: 0 };
  private readonly connections = new Set<FaultyConnection>();
  private readonly waiting = new Set<Socket>();
  private server: Server | undefined;

  constructor(private readonly options: FaultProxyOptions) {}

  /** Resolves with where it listens; rejects with PORT_BUSY and the like. */
  async start({ host, port }: Address = { host: "127.0.0.1", port: 0 }): Promise<Address> {
    const server = createServer({ allowHalfOpen: true }, (near) => this.accept(near));
    const failure = await new Promise<Error | undefined>((resolve) => {
      server.once("error", resolve).listen(port, host, () => resolve(undefined));
    });
    if (failure) throw await listenFailure(failure, { host, port });
    this.server = server;
    const found = server.address() as AddressInfo;
    return { host: found.address, port: found.port };
  }

  /** Breaks everything that is open, as a pulled cable would. */
  cutAll(ending: Ending): void {
    for (const connection of this.connections) connection.cut(ending);
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.waiting) socket.destroy();
    for (const connection of this.connections) connection.stop();
    await closed;
  }

  private accept(near: Socket): void {
    this.counts.connections++;
    const target = this.options.target();
    near.on("error", () => {}); // 'close' follows
    if (target === undefined) return this.refuse(near);
    const far = connect({ ...target, allowHalfOpen: true });
    this.waiting.add(near).add(far);
    const settle = () => {
      this.waiting.delete(near);
      this.waiting.delete(far);
    };
    far.once("error", () => {
      settle();
      this.refuse(near);
    });
    near.once("close", () => {
      if (this.waiting.has(far)) far.destroy();
      settle();
    });
    far.once("connect", () => {
      settle();
      far.removeAllListeners("error");
      if (near.destroyed) return void far.destroy();
      // Nobody is there any more.
      if (this.options.target() === undefined) {
        far.resetAndDestroy();
        return this.refuse(near);
      }
      this.join(near, far);
    });
  }

  private join(near: Socket, far: Socket): void {
    const { plan, mayCut = () => true, onCut } = this.options;
    const connection = new FaultyConnection({
      near,
      far,
      fate: plan.meanBytes === Number.POSITIVE_INFINITY ? harmless : plan.next(),
      mayCut,
      onCut: (ending) => {
        this.counts.cuts++;
        onCut?.(ending);
      },
      onBytes: (count) => {
        this.counts.bytes += count;
      },
      onOver: () => this.connections.delete(connection),
    });
    this.connections.add(connection);
    connection.start();
  }

  private refuse(near: Socket): void {
    this.counts.unreachable++;
    near.resetAndDestroy();
  }
}

async function listenFailure(error: Error, where: Address): Promise<BowlineError> {
  const { code, message, exitCode } = await listenError(error, { ...where, setting: "--listen" });
  return new BowlineError(code, message, exitCode, "give another --listen");
}
