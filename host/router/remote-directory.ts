/** Boards behind other gateways, as the router needs them. Their addresses have a slash: gw2/sim-1. */
import type { Ticket } from "../peers/requests.ts";

export interface RemoteDirectory {
  /** Of boards that were heard of. */
  addresses(): string[];
  /** As Router.submit(). Rejects when the address names no gateway that a way leads to. */
  submit(
    address: string,
    message: { ot: string },
    timeoutMs: number,
    options: { key?: string; signal?: AbortSignal },
  ): Promise<Ticket>;
  /** Whether its frame may have left. */
  hasLeft(rq: number): boolean;
  /** False: no such request, or it has its outcome. */
  cancel(rq: number): boolean;
  /** Resolves when the next gateway has the word that it is withdrawn; undefined: there is none. */
  whenTold(rq: number): Promise<void> | undefined;
}
