/** What the hub says itself: errors for tasks, answers of boards, kills that came by another way, heartbeats. */

import { encodeMessage } from "../monique/body.ts";
import { ErrorCode, KILLED_TEXT } from "../monique/codes.ts";
import { drawId } from "../monique/id.ts";
import { formatKill } from "../monique/kill.ts";
import type { Encoding, Message, MessageType } from "../monique/message.ts";
import { formatMonitoring } from "../monique/monitoring.ts";
import { formatTag } from "../monique/tag.ts";
import { formatError } from "../monique/task-error.ts";
import type { OwnHeartbeat } from "./views.ts";

/** Tag and body, the two frames of a message. */
export type Parts = readonly [tag: Uint8Array, body: Uint8Array];

export function partsOf(message: Message): Parts {
  return [formatTag(message), encodeMessage(message)];
}

/** A message of ours, from now on and for ever, unless `fields` say otherwise. */
export function ownMessage(
  type: MessageType,
  spec: string,
  data: Uint8Array,
  now: number,
  fields: { creator: string } & Partial<Pick<Message, "id" | "pid" | "expires_at" | "encoding">>,
): Message {
  const encoding: Encoding = "JSON";
  return {
    ...{ id: drawId(), pid: "", created_at: now, expires_at: 0, spec, encoding, type, data },
    ...fields,
  };
}

export interface Killer {
  creator: string;
  expiresAt: number;
}

/** 301, as requesters know it: by whoever killed, for as long as the kill was meant (MoniQue KILL2). */
export function killedMessage(
  taskId: string,
  spec: string,
  { creator, expiresAt }: Killer,
  now: number,
): Message {
  const data = formatError(ErrorCode.KILLED, KILLED_TEXT);
  return ownMessage("error", spec, data, now, { creator, pid: taskId, expires_at: expiresAt });
}

export function killMessage(taskId: string, creator: string, now: number): Message {
  return ownMessage("config", "kill", formatKill(taskId), now, { creator });
}

export function heartbeatMessage({ name, creator, isAlive, message }: OwnHeartbeat, now: number): Message {
  const data = formatMonitoring({ sync_time: now, name, is_alive: isAlive, message });
  return ownMessage("data", "monitoring", data, now, { creator });
}
