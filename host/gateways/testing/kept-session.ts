/** A session that keeps what a writer of frames gives it, and takes all of it. */
import type { SendBuffer } from "../../../shared/session/send-buffer.ts";
import type { HostSession } from "../../session/host-session.ts";

/** `kept()`: what was bound last. */
export function keptSession(): { session: HostSession; kept: () => SendBuffer } {
  let buffer: SendBuffer | undefined;
  const session = {
    bind: (given: SendBuffer) => {
      buffer = given;
    },
    canSend: () => true,
    pump() {},
  } as unknown as HostSession;
  return { session, kept: () => buffer! };
}
