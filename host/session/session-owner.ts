/** What a session tells whoever it belongs to: first whoever waits for its hello, then the peer that sent it. */
import type { Code } from "../../shared/session/codes.ts";

export interface SessionOwner {
  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void;
  onAcknowledged(count: number): void;
  /** The session has a connection (again), or has lost it. */
  onConnected(): void;
  /** `why`: a code, or what the transport says. */
  onDisconnected(why: string): void;
  /** canSend() has said no, and may say otherwise now. */
  onWritable(): void;
  onClosed(code: Code): void;
}

/** Owns a session that has nothing more to say, or whose hello has not come. */
export const nobody: SessionOwner = {
  onPacket() {},
  onAcknowledged() {},
  onConnected() {},
  onDisconnected() {},
  onWritable() {},
  onClosed() {},
};
