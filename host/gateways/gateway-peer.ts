/** Another gateway, as whoever finds and introduces it calls on whoever queues, keeps and takes in what passes between. */
import type { PeerConfig } from "../config/schema.ts";
import type { Introduction } from "../iotgw/introduce.ts";
import type { HostSession } from "../session/host-session.ts";

/** By lane: up to which number this gateway has what the other made in one epoch of its own. */
export interface Have {
  /** 0: no epoch of it is known, and `have` says nothing. */
  epoch: bigint;
  have: readonly number[];
}

/** A session whose other end is known, and has proved itself where it had to. */
export interface Introduced {
  /** What the other end says of itself. */
  readonly said: Introduction;
  /** Index in the session of its first frame behind the introductions; those are accepted. */
  readonly firstIndex: number;
  /** This gateway asked for the session. */
  readonly isDialled: boolean;
  /**
   * For each INTRODUCE that comes later, as bytes[start…end): the reply to be sent behind what is on its way, or null when
   * there is none to send. Another id than before has ended the session then, its refusal sent.
   */
  again(bytes: Uint8Array, start: number, end: number): Uint8Array | null;
}

export interface GatewayPeer {
  readonly hostId: bigint;
  /** For this side's introduction. null: of the newest epoch that is known, for the other has not said its own yet. */
  haveUpTo(epoch: bigint | null): Have;
  /**
   * The session is its own from now on, confirmed, with a connection: it sets itself as owner and binds its buffer. The one
   * before has ended, and it was told (onClosed). onConnected() comes with the next connection only.
   */
  welcome(session: HostSession, introduced: Introduced): void;
  /** Its part of the configuration is another now; its id is not. */
  configure(config: PeerConfig): void;
  /** It is no longer configured: all its packets end now (G5). Its session ends after that. */
  remove(): void;
}

/** Makes the peer of one generation: it was configured, or configured again. */
export type MakePeer = (hostId: bigint, generation: number, config: PeerConfig) => GatewayPeer;
