/**
 * Gateways of a test in one process, with all that they do for each other, and boards that note what they were asked.
 */

import { RequestBook, type RequestDocument } from "../../peers/request-book.ts";
import type { Ticket } from "../../peers/requests.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { silentLog } from "../../platform/log.ts";
import { until } from "../../platform/testing/until.ts";
import type { DeliveredMessage } from "../../store/store.ts";
import { appendTo } from "../../testing/stores.ts";
import { formatMessageId } from "../message-id.ts";
import type { LocalBoards } from "../served-requests.ts";
import { GatewayServices } from "../services.ts";
import { clock, Line, Node } from "./mesh-net.ts";

interface Asked {
  rq: number;
  message: { ot: string; [field: string]: unknown };
  key: string | undefined;
}

/** Boards of one life of a gateway. What they did is noted over all its lives. */
export class NotingBoards implements LocalBoards {
  private readonly waiting = new Map<number, Asked>();
  private readonly cancelled = new Set<number>();

  constructor(
    private readonly book: RequestBook,
    private readonly site: Site,
  ) {}

  names(): string[] {
    return this.site.boards;
  }

  /** What an earlier life accepted is done now, unless it was done. */
  restore(documents: readonly RequestDocument[]): void {
    for (const { rq, message, key } of documents) this.begin({ rq, message, key });
  }

  async submit(
    device: string,
    message: { ot: string },
    timeoutMs: number,
    { key, signal }: { key?: string; signal?: AbortSignal },
  ): Promise<Ticket> {
    if (!this.site.boards.includes(device))
      throw new BowlineError("DEVICE_UNKNOWN", `no ${device}`, ExitCode.notFound);
    const deadline = clock.wall() + timeoutMs;
    const document = { device, message, deadline, timeoutMs, ...(key !== undefined && { key }) };
    const { rq, accepted } = this.book.accept(document);
    const outcome = this.book.outcome(rq)!;
    await accepted;
    if (signal?.aborted) this.book.conclude(rq, { outcome: "cancelled" });
    else {
      signal?.addEventListener("abort", () => this.cancel(rq));
      this.begin({ rq, message, key });
    }
    return { rq, outcome };
  }

  cancel(rq: number): boolean {
    if (!this.book.isOpen(rq)) return false;
    this.waiting.delete(rq);
    this.cancelled.add(rq);
    this.book.conclude(rq, { outcome: "cancelled" });
    return true;
  }

  /** Requests that wait to be done. */
  get held(): number {
    return this.waiting.size;
  }

  /** What waits is done. */
  release(): void {
    for (const asked of [...this.waiting.values()]) this.execute(asked);
  }

  private begin(asked: Asked): void {
    if (this.site.isHolding) this.waiting.set(asked.rq, asked);
    else this.execute(asked);
  }

  private execute({ rq, message, key = "" }: Asked): void {
    this.waiting.delete(rq);
    if (!this.book.isOpen(rq) || this.cancelled.has(rq)) return;
    // A board knows a number it had already.
    if (!this.site.numbers.has(rq)) {
      this.site.done.push(message);
      if (this.site.withdrawn.has(key)) this.site.late.push(message);
    }
    this.site.numbers.add(rq);
    this.book.conclude(rq, { outcome: "delivered", reply: { re: rq, did: message.ot } });
  }
}

/** One gateway over all its lives. */
export class Site {
  readonly node: Node;
  boards: string[] = [];
  /** Boards wait with what they are asked. */
  isHolding = false;
  /** Of which boards it wants to hear. */
  wanted = new Map<bigint, string[]>();
  /** Messages that came from other gateways, over all its lives. */
  readonly heard: DeliveredMessage[] = [];
  readonly done: Record<string, unknown>[] = [];
  /** Withdrawals by other gateways, as they are audited. */
  readonly cancels: [gateway: bigint, ot: string, end: string][] = [];
  readonly numbers = new Set<number>();
  /** Keys of requests whose withdrawal this gateway has committed, and what was done all the same after that. */
  readonly withdrawn = new Set<string>();
  readonly late: object[] = [];
  /** A withdrawal is committed, and nothing of it was done yet. */
  onWithdrawal: () => void = () => {};
  services!: GatewayServices;
  book!: RequestBook;
  asked!: NotingBoards;

  constructor(
    readonly hostId: bigint,
    neighbours: readonly bigint[],
    routes: ReadonlyMap<bigint, bigint>,
  ) {
    this.node = new Node(hostId, neighbours, routes, (mesh, { store }) => {
      const book = new RequestBook(store, clock);
      const boards = new NotingBoards(book, this);
      const services = new GatewayServices({
        ...{ name: `gw${hostId}`, mesh, store, book, boards, clock, log: silentLog },
        onMessage: (message) => void this.heard.push(message),
        onCancel: ({ gateway, ot, end }) => void this.cancels.push([gateway, ot, end]),
      });
      services.names.configure(new Map(), [...routes.keys()]);
      services.subscriptions.configure(this.wanted);
      Object.assign(this, { services, book, asked: boards });
      this.noteWithdrawals(services);
      let accepted: RequestDocument[] = [];
      return {
        load: async () => {
          accepted = await book.load();
          await services.load();
        },
        start: () => {
          services.start();
          // Boards connect once all stands.
          boards.restore(accepted);
        },
        stop: () => services.stop(),
        catchUp: () => services.catchUp(),
        resume: () => services.resume(),
      };
    });
  }

  /** A board of it says something; resolves once that is in the store. */
  async say(board: string, seq: number, message: Record<string, unknown> = { v: seq }): Promise<void> {
    await appendTo(this.node.store, board, seq, message, { epoch: "00000000000000ee", at: clock.wall() });
    this.services.wake();
  }

  /** The same while commits fail: said again as a board does, unless it is there after all. */
  async sayForSure(board: string, seq: number): Promise<void> {
    for (;;) {
      const said = await appendTo(this.node.store, board, seq, { v: seq }, { epoch: "00000000000000ee" });
      if (typeof said !== "string") break;
      await until(() => this.node.store.fault === null);
      if (this.node.store.watermarks(board).some((mark) => mark.seq >= seq)) break;
    }
    this.services.wake();
  }

  private noteWithdrawals({ served }: GatewayServices): void {
    const cancel = served.cancel.bind(served);
    served.cancel = (arrived) => {
      const effect = cancel(arrived);
      if (arrived.frame.ref === undefined) return effect;
      const lane = arrived.bytes[arrived.contentStart];
      const key = `gateway ${formatMessageId({ ...arrived.frame.ref, lane })}`;
      return {
        ...effect,
        onCommitted: () => {
          this.onWithdrawal();
          effect.onCommitted?.();
          this.withdrawn.add(key);
        },
      };
    };
  }

  ask(
    gateway: bigint,
    board: string,
    message: { ot: string; [field: string]: unknown },
    timeoutMs = 60_000,
    options = {},
  ) {
    const address = { address: `${gateway}/${board}`, gateway, board };
    return this.services.requests.request(address, message, timeoutMs, options);
  }
}

/** A line of gateways 1 – 2 – 3 …, each of which reaches the others through its neighbours. */
export class Chain {
  readonly sites: Site[];
  readonly lines: Line[];

  constructor(count: number) {
    const ids = Array.from({ length: count }, (_, i) => BigInt(i + 1));
    this.sites = ids.map((id) => {
      const neighbours = ids.filter((other) => other === id - 1n || other === id + 1n);
      const far = ids.filter((other) => other !== id && !neighbours.includes(other));
      return new Site(id, neighbours, new Map(far.map((other) => [other, other > id ? id + 1n : id - 1n])));
    });
    this.lines = this.sites.slice(1).map((site, i) => new Line(this.sites[i].node, site.node));
  }

  async start(): Promise<void> {
    for (const { node } of this.sites) await node.start();
  }

  join(): void {
    for (const line of this.lines) line.join();
  }

  stop(): void {
    for (const line of this.lines) line.lose();
    for (const { node } of this.sites) node.kill();
  }

  /** A gateway is killed, its lines with it, and another begins over its store. */
  async restart(index: number): Promise<void> {
    for (const line of this.lines.slice(Math.max(0, index - 1), index + 1)) line.lose();
    const { node } = this.sites[index];
    node.kill();
    await node.start();
  }
}
