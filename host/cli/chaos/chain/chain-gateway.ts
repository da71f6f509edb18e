/** One gateway of a chain: a process of its own, over all its lives, and where it listens in this one. */
import { setTimeout } from "node:timers/promises";
import type { Address } from "../../../chaos/fault-proxy.ts";
import type { PeersView } from "../../../http/api.ts";
import { BowlineError } from "../../../platform/errors.ts";
import type { GatewayClient } from "../../gateway/client.ts";
import type { GatewayChild } from "../gateway-child.ts";
import { GatewayCounter } from "../gateway-counts.ts";

export class ChainGateway {
  readonly counter = new GatewayCounter();
  /** Where other gateways connect to; undefined while it is not there. */
  peers: Address | undefined;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    /** From 1: also its host id. */
    readonly number: number,
    private readonly child: GatewayChild,
  ) {}

  /** What others call it. */
  get name(): string {
    return nameOf(this.number);
  }

  get tcp(): Address | undefined {
    return this.child.tcp;
  }

  readonly client = (): GatewayClient | undefined => this.child.client;

  async start(): Promise<void> {
    await this.child.start();
    const { gateway } = ((await this.child.client?.get("api/v1/peers")) ?? {}) as Partial<PeersView>;
    // Killed again, or stopped, before it could be asked.
    if (gateway === undefined) return;
    if (gateway.listen?.isOpen !== true)
      throw new BowlineError("CHILD_FAILED", `${this.name} does not listen for other gateways`);
    this.peers = gateway.listen;
  }

  /** Ends it, leaves it away for so long, and starts it again. One after the other, whoever asks. */
  again(how: "kill" | "restart", awayMs: number): Promise<void> {
    const next = this.turn.then(async () => {
      await this.end(how);
      await setTimeout(awayMs);
      await this.start();
    });
    this.turn = next.catch(() => {});
    return next;
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }

  private async end(how: "kill" | "restart"): Promise<void> {
    this.peers = undefined;
    if (how === "kill") await this.child.kill();
    else await this.child.close();
    this.counter.bury();
  }
}

export const nameOf = (number: number) => `gw${number}`;
