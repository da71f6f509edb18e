/**
 * Numbered requests to one board, made at the other end of the chain, some of them withdrawn. Each belongs to a key: what
 * nobody answered, because a gateway was just killed, is asked again, and is then the same request.
 */
import { setTimeout } from "node:timers/promises";
import { filler } from "../../../chaos/filler.ts";
import { BowlineError } from "../../../platform/errors.ts";
import type { Random } from "../../../transports/random.ts";
import type { GatewayClient } from "../../gateway/client.ts";
import { lossCodes } from "../../gateway/http-call.ts";

/** What became of a request, as whoever asked was told. */
export type End = "delivered" | "cancelled" | "expired" | "unknown" | "rejected";

export interface Asked {
  i: number;
  key: string;
  isAccepted: boolean;
  /** What was told first, and whether anything else was told after. */
  end: End | undefined;
  isContradicted: boolean;
  /** It was accepted, and is not known any more. */
  isForgotten: boolean;
  /** It was withdrawn where it could not have come to its board: it must never run. */
  isForbidden: boolean;
  /** The board's answer is not what the request asked for. */
  isCorrupted: boolean;
}

export interface FarRequestsOptions {
  /** As it is called where it is asked: gw3/chaos-1. */
  address: string;
  /** The gateway that is asked; undefined while it is not there. */
  client(): GatewayClient | undefined;
  /** Nobody is left to ask. */
  isGone(): boolean;
}

const PAUSE_MS = 10;
/** s: longer than any outage of a run. */
const TIMEOUT_S = 3600;
/** Outcomes that a gateway keeps are 10 000: so many are looked at once more when all is over. */
const LOOKED_AT = 5000;
const passing = [...lossCodes, "GATEWAY_STOPPING", "OUTCOME_PENDING"];

const ends: Readonly<Record<string, End>> = {
  REQUEST_CANCELLED: "cancelled",
  REQUEST_EXPIRED: "expired",
  REQUEST_UNKNOWN: "unknown",
  REQUEST_REJECTED: "rejected",
};

export class FarRequests {
  readonly all: Asked[] = [];
  readonly address: string;
  private readonly following = new Set<Promise<void>>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: FarRequestsOptions) {
    this.address = options.address;
  }

  /** Those without an outcome. */
  get open(): number {
    return this.following.size;
  }

  /** The next request, once it is accepted; one after the other, in the order of their numbers. */
  ask(): Promise<Asked> {
    const next = this.turn.then(() => this.askNow());
    this.turn = next.catch(() => {});
    return next;
  }

  /** Resolves with what became of it. Undefined: nobody is left to tell. */
  async withdraw(asked: Asked): Promise<End | undefined> {
    const path = `api/v1/requests/${encodeURIComponent(asked.key)}`;
    const view = await this.look(asked, (client) => client.delete(path));
    if (view !== undefined) this.told(asked, view.state);
    return view?.state;
  }

  /** Resolves once each has its outcome. */
  async settled(): Promise<void> {
    await Promise.all(this.following);
  }

  /** Looks once more at what became of the newest ones: it must be what was told. */
  async lookAgain(): Promise<void> {
    for (const asked of this.all.slice(-LOOKED_AT)) {
      const path = `api/v1/requests/${encodeURIComponent(asked.key)}`;
      const view = await this.look(asked, (client) => client.get(path));
      if (view !== undefined && asked.end !== undefined) this.told(asked, view.state);
    }
  }

  private async askNow(): Promise<Asked> {
    const i = this.all.length + 1;
    const asked: Asked = {
      ...{ i, key: `${this.options.address}/${i}/chaos`, isAccepted: false, end: undefined },
      ...{ isContradicted: false, isForgotten: false, isForbidden: false, isCorrupted: false },
    };
    this.all.push(asked);
    const accepted = await this.surely((client) => this.post(client, asked, "&async=1"));
    asked.isAccepted = accepted !== undefined;
    if (asked.isAccepted) this.follow(asked);
    return asked;
  }

  private follow(asked: Asked): void {
    const following = this.untilEnd(asked);
    this.following.add(following);
    const isOver = () => this.following.delete(following);
    following.then(isOver, isOver);
  }

  private async untilEnd(asked: Asked): Promise<void> {
    try {
      const reply = (await this.surely((client) => this.post(client, asked))) as object | undefined;
      if (reply === undefined) return;
      const { i, s } = reply as { i?: number; s?: string };
      asked.isCorrupted = i !== asked.i || s !== filler(asked.i);
      this.told(asked, "delivered");
    } catch (error) {
      const end = error instanceof BowlineError ? ends[error.code] : undefined;
      if (end === undefined) throw error;
      this.told(asked, end);
    }
  }

  /** What is known of it now; undefined: nobody is left, or it is known no more, which is noted. */
  private async look(
    asked: Asked,
    ask: (client: GatewayClient) => Promise<unknown>,
  ): Promise<{ state: End } | undefined> {
    try {
      return (await this.surely(ask)) as { state: End } | undefined;
    } catch (error) {
      if (!(error instanceof BowlineError && error.code === "REQUEST_NOT_FOUND")) throw error;
      asked.isForgotten = true;
      return undefined;
    }
  }

  private told(asked: Asked, end: End): void {
    if (asked.end !== undefined && asked.end !== end) asked.isContradicted = true;
    asked.end ??= end;
  }

  private post(client: GatewayClient, { i, key }: Asked, query = ""): Promise<unknown> {
    const path = `api/v1/devices/${encodeURIComponent(this.options.address)}/requests`;
    const message = { ot: "l:ask", i, s: filler(i) };
    return client.post(`${path}?timeout=${TIMEOUT_S}${query}`, message, { "idempotency-key": key });
  }

  /** Asks until somebody answers; undefined: nobody is left. */
  private async surely(ask: (client: GatewayClient) => Promise<unknown>): Promise<unknown> {
    return untilAnswered(this.options, ask);
  }
}

/** Asks until somebody answers; undefined: nobody is left. */
export async function untilAnswered(
  { client, isGone }: Pick<FarRequestsOptions, "client" | "isGone">,
  ask: (client: GatewayClient) => Promise<unknown>,
): Promise<unknown> {
  while (!isGone()) {
    const api = client();
    try {
      if (api !== undefined) return await ask(api);
    } catch (error) {
      if (!(error instanceof BowlineError && passing.includes(error.code))) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
  return undefined;
}

export interface FarLoadOptions {
  requests: FarRequests;
  random: Random;
  /** Requests that are due by now, for what the board has sent. */
  due(): number;
  isOver(): boolean;
}

/** Of all requests, how many are withdrawn, after how many ms at most. */
const WITHDRAWN = 0.25;
const MOST_PATIENCE_MS = 100;
/** Requests that have no outcome. */
const MOST_OPEN = 8;

/** Asks and withdraws for as long as the run goes on. */
export async function loadWithRequests({ requests, random, due, isOver }: FarLoadOptions): Promise<void> {
  const withdrawing: Promise<unknown>[] = [];
  while (!isOver()) {
    if (requests.open >= MOST_OPEN || requests.all.length >= due()) {
      await setTimeout(PAUSE_MS);
      continue;
    }
    const isWithdrawn = random() < WITHDRAWN;
    const patience = random() * MOST_PATIENCE_MS;
    const asked = await requests.ask();
    if (isWithdrawn) withdrawing.push(setTimeout(patience).then(() => requests.withdraw(asked)));
  }
  await Promise.all(withdrawing);
}
