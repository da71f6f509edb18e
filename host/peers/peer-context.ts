/** What a board's peer is given: what all of a gateway share, what was kept of it, and how it was admitted. */
import type { BoardHello, GatewayHello } from "../../shared/message.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import type { DevicePeer } from "./device-peer.ts";
import type { RequestBook } from "./request-book.ts";

/** What all peers of a gateway share. */
export interface PeerContext {
  /** Who this gateway is; its epoch is the store's. */
  id: string;
  store: Store;
  book: RequestBook;
  clock: Clock;
  log: Log;
  onMessage(message: DeliveredMessage): void;
  onChange(peer: DevicePeer): void;
}

export interface WelcomeOptions {
  said?: GatewayHello;
  extra?: Partial<GatewayHello>;
  firstIndex?: number;
}

/** A board as it is kept beside its messages. */
export interface DeviceDocument {
  hello: BoardHello | null;
  /** The epoch it was given last. */
  epoch: string;
  /** Bytes of its smallest message; 0 before the first. */
  smallest: number;
  nextSeq: number;
  /** Nobody wants to see it any more. */
  forgotten?: true;
  /** It has said that it goes. */
  hasLeft?: true;
  /** Transport it spoke over last; absent before the first. */
  via?: string;
  /** ms since 1970 of a packet, of the last when it has been away since; absent before the first. */
  lastAt?: number;
}
