/**
 * A request that is asked again with the same key when its connection is lost: a gateway that was killed and started
 * again knows it, and answers as the first would have.
 */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { BowlineError } from "../platform/errors.ts";
import { connectClient, GatewayClient } from "./client.ts";
import { lossCodes } from "./http-call.ts";
import type { GatewayOptions } from "./locate.ts";
import type { Terminal } from "./terminal.ts";

/** ms between two attempts, and how much longer than the request itself may take the gateway is waited for. */
const PAUSE_MS = 300;
const PATIENCE_MS = 30_000;
/** ms for the word that the request is no longer wanted. */
const WITHDRAW_MS = 2000;
/** It stops in order, and the next one goes on. */
const STOPPING = "GATEWAY_STOPPING";

export class KeyedRequest {
  private readonly key = randomUUID();
  private client: GatewayClient | null = null;

  constructor(
    private readonly options: GatewayOptions,
    private readonly terminal: Terminal,
    private readonly path: string,
    private readonly body: object,
    private readonly timeoutMs: number,
  ) {}

  /** The gateway's answer. */
  async run(): Promise<unknown> {
    const until = performance.now() + this.timeoutMs + PATIENCE_MS;
    for (let losses = 0; ; losses++) {
      try {
        this.client = await connectClient(this.options, this.terminal);
        return await this.client.post(this.path, this.body, { "idempotency-key": this.key });
      } catch (error) {
        if (!isLoss(error, losses) || performance.now() > until) throw error;
        if (losses === 0) this.terminal.warn(`send: ${error.message}; asking again until it is back`);
        await setTimeout(PAUSE_MS, undefined, { signal: this.terminal.signal });
      }
    }
  }

  /** Takes the request back; says in words what became of it. */
  async withdraw(): Promise<string> {
    const { client } = this;
    if (client === null) return "it was not sent";
    const own = new GatewayClient(client.place, AbortSignal.timeout(WITHDRAW_MS));
    try {
      const view = (await own.delete(`api/v1/requests/${this.key}`)) as { state?: string };
      if (view.state === "delivered") return "it was done before it could be withdrawn";
    } catch (error) {
      const isUnknown = error instanceof BowlineError && error.code === "REQUEST_NOT_FOUND";
      if (!isUnknown)
        return "the gateway could not be told: it may yet be done; `bowline queue` shows whether it waits";
    }
    return "withdrawn; if the board had it already, it is told to stop, and may have done it";
  }
}

/** A gateway that was there is waited for; one that never was is not. */
function isLoss(error: unknown, losses: number): error is BowlineError {
  if (!(error instanceof BowlineError)) return false;
  if (error.code === "NOT_RUNNING") return losses > 0;
  return error.code === STOPPING || lossCodes.includes(error.code);
}
