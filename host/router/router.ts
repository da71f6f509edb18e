/** Who gets which message: every delivered one to every subscriber, a request to the board it names. */
import type { DevicePeer } from "../peers/device-peer.ts";
import type { Outcome } from "../peers/request-book.ts";
import type { Ticket } from "../peers/requests.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { suggest } from "../platform/suggest.ts";
import type { DeliveredMessage } from "../store/store.ts";
import type { RemoteDirectory } from "./remote-directory.ts";

export type Listener<T> = (value: T) => void;

/** A list of listeners; one that throws does not keep the others from hearing. */
export class Topic<T> {
  private readonly listeners = new Set<Listener<T>>();

  constructor(private readonly onFault: (error: unknown) => void) {}

  /** Returns what ends the subscription. */
  subscribe(listener: Listener<T>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  publish(value: T): void {
    for (const listener of this.listeners) {
      try {
        listener(value);
      } catch (error) {
        this.onFault(error);
      }
    }
  }
}

/** What the router needs of the table of boards. */
export interface Directory {
  get(id: string): DevicePeer | undefined;
  all(): DevicePeer[];
}

/** Names told when one is not known. */
const SHOWN_NAMES = 10;

export class Router {
  readonly messages: Topic<DeliveredMessage>;
  readonly changes: Topic<DevicePeer>;

  constructor(
    private readonly directory: Directory,
    onFault: (error: unknown) => void,
    /** null: there are no other gateways. */
    private readonly remote: RemoteDirectory | null = null,
  ) {
    this.messages = new Topic(onFault);
    this.changes = new Topic(onFault);
  }

  /** Sends a request to the board `address`; rejects when there is no such board, else always comes to an outcome. */
  async request(
    address: string,
    message: { ot: string },
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Outcome> {
    const { outcome } = await this.submit(
      address,
      message,
      timeoutMs,
      signal === undefined ? {} : { signal },
    );
    return outcome;
  }

  /** Whether bytes of a request have left, so that who does it would have to be told that it is withdrawn. */
  hasLeft(rq: number): boolean {
    return (
      this.directory.all().some((device) => device.requests.hasLeft(rq)) || this.remote?.hasLeft(rq) === true
    );
  }

  /**
   * Resolves once whoever was told knows that a request is withdrawn: told: a board of this gateway; passed on: the next
   * gateway on the way to its board, which ends it there.
   */
  async whenStopped(rq: number): Promise<"told" | "passed on"> {
    const passedOn = this.remote?.whenTold(rq);
    await passedOn;
    for (const device of this.directory.all()) await device.requests.whenStopped(rq);
    return passedOn === undefined ? "told" : "passed on";
  }

  /** Withdraws a request: before it left without a trace, after that the board is told. False: it has an outcome. */
  cancel(rq: number): boolean {
    return (
      this.directory.all().some((device) => device.requests.cancel(rq)) || this.remote?.cancel(rq) === true
    );
  }

  /** Resolves once the request is accepted: it then comes to an outcome, whatever becomes of this gateway. */
  async submit(
    address: string,
    message: { ot: string },
    timeoutMs: number,
    options: { key?: string; signal?: AbortSignal } = {},
  ): Promise<Ticket> {
    if (address.includes("/") && this.remote !== null)
      return this.remote.submit(address, message, timeoutMs, options);
    return this.submitHere(address, message, timeoutMs, options);
  }

  /** The same for boards of this gateway alone. */
  async submitHere(
    address: string,
    message: { ot: string },
    timeoutMs: number,
    options: { key?: string; signal?: AbortSignal } = {},
  ): Promise<Ticket> {
    const device = this.directory.get(address);
    if (device !== undefined) return device.request(message, timeoutMs, options);
    const text = `sending ${message.ot} to ${address}: no such board; ${this.known(address)}`;
    throw new BowlineError("DEVICE_UNKNOWN", text, ExitCode.notFound, "bowline devices");
  }

  private known(address: string): string {
    const known = [...this.directory.all().map(({ id }) => id), ...(this.remote?.addresses() ?? [])];
    if (known.length === 0) return "no board has said hello yet";
    // One that is behind another gateway is likely asked for by its own name.
    const nearest = known.find((name) => name.endsWith(`/${address}`)) ?? suggest(address, known);
    const question = nearest === undefined ? "" : `did you mean ${nearest}? `;
    return `${question}known: ${known.slice(0, SHOWN_NAMES).join(", ")}`;
  }
}
