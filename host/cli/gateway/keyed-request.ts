/**
 * A request that is asked again with the same key when its connection is lost: a gateway that was killed and started
 * again knows it, and answers as the first would have.
 */
import { randomUUID } from "node:crypto";
import { BowlineError } from "../../platform/errors.ts";
import type { Terminal } from "../process/terminal.ts";
import { connectClient, GatewayClient } from "./client.ts";
import type { GatewayOptions } from "./locate.ts";
import { askPatiently } from "./patient-ask.ts";

/** ms for the word that the request is no longer wanted. */
const WITHDRAW_MS = 2000;

export class KeyedRequest {
  private readonly key = randomUUID();
  private client: GatewayClient | null = null;

  constructor(
    private readonly options: GatewayOptions,
    private readonly terminal: Terminal,
    private readonly path: string,
    private readonly body: object,
    private readonly timeoutMs: number,
    /** Who answers. */
    private readonly whom: string,
  ) {}

  /** The gateway's answer. */
  run(): Promise<unknown> {
    return askPatiently({ verb: "send", terminal: this.terminal, timeoutMs: this.timeoutMs }, async () => {
      this.client = await connectClient(this.options, this.terminal, `${this.whom}; Ctrl-C withdraws it`);
      return this.client.post(this.path, this.body, { "idempotency-key": this.key });
    });
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
