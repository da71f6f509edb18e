/**
 * What a task for a board asks.
 *
 *   config:bowline_sim-1     {"ot":"l:led","on":true}                      of that board
 *   config:bowline_request   {"device":"gw2/sim-1","ot":"l:led","on":true}  of any, also behind other gateways
 */
import { readData } from "../monique/data.ts";
import { isFault } from "../monique/fault.ts";
import type { Message } from "../monique/message.ts";
import { plainValue } from "../monique/pack-value.ts";

export interface BoardTask {
  device: string;
  message: { ot: string; [field: string]: unknown };
}

/** Fields by which a packet is told to be something else than a request (architecture §6). */
const reservedFields = ["rq", "re", "kill", "hello"];

/** `device`: the board that its spec names; undefined: the task names it. -> why not, in words. */
export function readBoardTask(message: Message, device: string | undefined): BoardTask | string {
  const data = readData(message);
  if (isFault(data)) return data.text;
  // Boards are asked in JSON, which has no form for all that MessagePack has.
  const value = data.encoding === "JSON" ? data.value : plainValue(data.value);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return `data is ${Array.isArray(value) ? "a list" : JSON.stringify(value)}; allowed {"ot":"TYPE",…}`;
  const fields = value as Record<string, unknown>;
  const { device: named, ...asked } = fields;
  if (device === undefined && (typeof named !== "string" || named === ""))
    return 'device, the board that is asked, is missing; allowed {"device":"sim-1","ot":"TYPE",…}';
  // Where the spec names the board, device is a field of the request as any other.
  const content = device === undefined ? asked : fields;
  const { ot } = content;
  const reserved = reservedFields.find((field) => Object.hasOwn(content, field));
  if (typeof ot !== "string" || ot === "")
    return 'ot, the type of the request, is missing; allowed {"ot":"TYPE",…}';
  if (reserved !== undefined) return `it has the field ${reserved}, which no request may have`;
  return { device: device ?? (named as string), message: { ...content, ot } };
}
