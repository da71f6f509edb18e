/** Messages as a component would make them. */
import { encodeMessage } from "../../monique/body.ts";
import { drawId } from "../../monique/id.ts";
import type { Message } from "../../monique/message.ts";
import { formatTag } from "../../monique/tag.ts";

export const textOf = (value: unknown) => Buffer.from(JSON.stringify(value));

/** A message as a component would make it. */
export function messageOf(fields: Partial<Message> & { type: Message["type"]; spec: string }): Message {
  return {
    ...{ id: drawId(), pid: "", creator: "0000-tester", created_at: Date.now(), expires_at: 0 },
    ...{ encoding: "JSON" as const, data: textOf({}), ...fields },
  };
}

export const framesOf = (message: Message) => [formatTag(message), encodeMessage(message)] as const;
