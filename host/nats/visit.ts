/** One connection to a cluster, from the stream found until it breaks; who comes again opens another one. */
import type { JetStreamClient } from "@nats-io/jetstream";
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";
import type { NatsConfig } from "../config/schema.ts";
import { Held, Refusal } from "../northbound/sink.ts";
import { ApiCode, apiCodeOf, faultOf, isPublishForbidden, NatsFault } from "./fault.ts";
import type { Authenticators } from "./nats-options.ts";
import { findStream, readTaken } from "./stream.ts";
import { Taken, type Waiting } from "./taken.ts";

/** Beside the id, bytes of the headers: `NATS/1.0\r\nNats-Msg-Id: ID\r\n\r\n`. */
const HEADER_BYTES = 29;

/** Messages to read in the stream from which on it is asked what waits in the store: of fewer all ids are kept. */
const MOST_UNSORTED = 10_000;

export interface VisitOptions {
  settings: NatsConfig;
  connection(library: Authenticators): ConnectionOptions;
  /** What this gateway publishes, and what it did before under other names: what is taken is sought under all of them. */
  filters: readonly string[];
  /** Where the stream `side` stood before any message was sent that it may not have. */
  side: string;
  place: number;
  /** What may still be handed on: asked only when there is much to read in the stream. */
  waiting(): Promise<Waiting>;
  /** So much of what the stream has is read, 0 to 1. */
  onProgress(share: number): void;
}

export class Visit {
  /** Resolves when it is over, with why. */
  readonly over: Promise<NatsFault>;
  private end: (fault: NatsFault) => void = () => {};
  isOver = false;
  /** On their way: one that is handed over a second time meanwhile is not published a second time. */
  private readonly pending = new Map<string, Promise<number>>();

  private constructor(
    private readonly connection: NatsConnection,
    private readonly client: JetStreamClient,
    private readonly settings: NatsConfig,
    /** The stream as it was found: its name and when it was made. */
    readonly side: string,
    /** Behind this it may have what is handed on. */
    readonly place: number,
    private readonly taken: Taken,
    private readonly lastSeq: number,
  ) {
    this.over = new Promise((resolve) => {
      this.end = (fault) => {
        this.isOver = true;
        resolve(fault);
      };
    });
    void connection.closed().then((error) => {
      const what = `connected to ${connection.getServer()}`;
      this.end(faultOf(what, error ?? new Error("it closed the connection"), settings));
    });
  }

  /** Throws a NatsFault. */
  static async open(options: VisitOptions): Promise<Visit> {
    const { settings, connection: optionsOf, filters, side, place, waiting, onProgress } = options;
    const [library, { jetstream, jetstreamManager }] = await Promise.all([
      import("@nats-io/transport-node"),
      import("@nats-io/jetstream"),
    ]);
    const { stream, servers, timeoutS } = settings;
    const connection = await library.connect(optionsOf(library)).catch((error: unknown) => {
      throw faultOf(`connecting to ${servers.join(", ")}`, error, settings);
    });
    try {
      const timeout = timeoutS * 1000;
      const client = jetstream(connection, { timeout });
      const manager = await jetstreamManager(connection, { timeout, checkAPI: false });
      const info = await findStream(manager, settings, filters[0]);
      const found = `${stream} ${info.created}`;
      const { last_seq: lastSeq } = info.state;
      // A stream that was made anew counts from 1 again.
      const from = found === side && place <= lastSeq ? place : 0;
      const isLarge = lastSeq - from > MOST_UNSORTED;
      const taken = new Taken(isLarge ? await waiting() : null);
      for (const [i, filter] of filters.entries())
        await readTaken(taken, from, filter, {
          ...{ client, manager, stream, timeoutMs: timeout },
          onProgress: (share) => onProgress((i + share) / filters.length),
        });
      // Before the first that may be handed on there is nothing that the next visit would have to read again.
      const behind = isLarge ? Math.min(taken.firstPlace - 1, lastSeq) : from;
      return new Visit(connection, client, settings, found, behind, taken, lastSeq);
    } catch (error) {
      await connection.close();
      throw faultOf(`asking for stream ${stream}`, error, settings);
    }
  }

  /** Messages that the stream has and that were not handed on since. */
  get known(): number {
    return this.taken.size;
  }

  get server(): string {
    return this.connection.getServer();
  }

  /**
   * Resolves with where the message stands in the stream. Rejects with a Refusal if the stream never takes it, with Held if
   * its subject is forbidden; after any other error it may stand there or not, and unless JetStream itself said no the
   * visit is over.
   */
  send(subject: string, body: Uint8Array, id: string): Promise<number> {
    const seq = this.taken.take(id);
    if (seq !== undefined) return Promise.resolve(seq);
    const known = this.pending.get(id);
    if (known !== undefined) return known;
    const sent = this.publish(subject, body, id).finally(() => this.pending.delete(id));
    this.pending.set(id, sent);
    return sent;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private async publish(subject: string, body: Uint8Array, id: string): Promise<number> {
    const { stream, timeoutS } = this.settings;
    const most = this.connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    const size = body.length + HEADER_BYTES + id.length;
    const what = `publishing ${subject}`;
    if (size > most) throw new Refusal(`${what}: ${size} bytes; the server takes ${most} (max_payload)`);
    const options = { msgID: id, timeout: timeoutS * 1000 };
    const ack = await this.client.publish(subject, body, options).catch((error: unknown) => {
      const fault = faultOf(what, error, this.settings);
      if (apiCodeOf(error) === ApiCode.messageTooLarge) throw new Refusal(fault.message);
      if (isPublishForbidden(error)) throw new Held(fault.message, fault.mend);
      if (apiCodeOf(error) === undefined) this.drop(fault);
      throw fault;
    });
    if (ack.stream !== stream) {
      const fault = new NatsFault(
        `${what}: stream ${ack.stream} took it, expected ${stream}`,
        "nats stream ls",
      );
      this.drop(fault);
      throw fault;
    }
    // Counting from below where it stood: what was asked of it holds no longer.
    if (!ack.duplicate && ack.seq <= this.lastSeq)
      this.drop(new NatsFault(`stream ${stream} was made anew meanwhile`, `nats stream info ${stream}`));
    return ack.seq;
  }

  /** Whether what is on its way arrived is not known: it is asked for when the next visit begins. */
  private drop(fault: NatsFault): void {
    this.end(fault);
    void this.connection.close();
  }
}
