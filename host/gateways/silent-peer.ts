/** A peer that is introduced and takes nothing: what comes is not acknowledged, and so stays with who sent it. */

import type { HostSession } from "../session/host-session.ts";
import { nobody, type SessionOwner } from "../session/session-owner.ts";
import type { GatewayPeer, Introduced } from "./gateway-peer.ts";
import { haveNothing } from "./introducer.ts";

export class SilentPeer implements GatewayPeer, SessionOwner {
  onPacket = nobody.onPacket;
  onAcknowledged = nobody.onAcknowledged;
  onConnected = nobody.onConnected;
  onDisconnected = nobody.onDisconnected;
  onWritable = nobody.onWritable;
  onClosed = nobody.onClosed;

  constructor(readonly hostId: bigint) {}

  haveUpTo(): typeof haveNothing {
    return haveNothing;
  }

  welcome(session: HostSession, _introduced: Introduced): void {
    session.setOwner(this);
  }

  configure(): void {}

  remove(): void {}
}
