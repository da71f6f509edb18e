/** The reply to a request of another gateway, with what became of it, on its way back there. */
import { Command, Reqtype } from "../iotgw/commands.ts";
import type { Outcome } from "../peers/request-book.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { Lane } from "../queue/packet.ts";
import type { Mesh, Numbered } from "./mesh.ts";
import type { MessageId } from "./message-id.ts";
import { encodeJson, errorOf } from "./request-content.ts";

/** ms that a reply lives longer than its request, so that what came in the last moment is told. */
const REPLY_GRACE_MS = 60_000;

/** It never came to a board. */
export interface Refused {
  error: number;
  reason: string;
}

/** About to be committed; `remainingMs`: of the request's life. null: no way leads back, and nobody is told. */
export function prepareReply(
  { mesh, log }: { mesh: Mesh; log: Log },
  id: MessageId,
  remainingMs: number,
  end: Outcome | Refused,
): Numbered | null {
  const { origin, epoch, seq, lane } = id;
  const error = "outcome" in end ? errorOf(end) : end.error;
  const content = encodeJson("outcome" in end ? end : { reason: end.reason });
  try {
    return mesh.prepare({
      ...{ dst: origin, cmd: Command.DATA, reqtype: Reqtype.REPLY, lane: lane as Lane, error, content },
      ...{ ref: { origin, epoch, seq }, ttlMs: remainingMs + REPLY_GRACE_MS },
    });
  } catch (fault) {
    if (!(fault instanceof BowlineError)) throw fault;
    log.warn(
      { gateway: `${origin}`, reason: fault.message },
      "a gateway is not told what became of its request",
    );
    return null;
  }
}
