/** Requests of the gateway: found by their type, answered once, never left without an answer. */
import { answerStandard } from "./commands.ts";
import { peer, sendReply } from "./peer.ts";

/** What the gateway asks: its type, its number, and fields of its own. */
export interface BoardRequest {
  ot: string;
  rq: number;
  [field: string]: any;
}
/** Returns the fields of the reply; nothing when reply() will be called later. What it throws becomes `err`. */
export type RequestHandler = (request: BoardRequest) => object | undefined;

/** Answers requests of type `ot`, of which there is one handler. */
export function onRequest(ot: string, handler: RequestHandler): void {
  "cold";
  peer.handlers[ot] = handler;
}

/** Answers a request whose handler returned nothing. */
export function reply(request: BoardRequest, fields: object): void {
  "cold";
  sendReply(JSON.stringify(Object.assign({ re: request.rq }, fields)));
}

/** A message of the gateway: a request, which is answered, or the cancel of one. */
export function takeMessage(message: any): void {
  "cold";
  if (message.kill !== undefined && peer.onCancel) peer.onCancel(message.kill);
  if (message.rq === undefined) return;
  const request: BoardRequest = message;
  let fields: object | undefined;
  try {
    // Asked whether it is its own: every object answers to "toString".
    fields = peer.handlers.hasOwnProperty(request.ot)
      ? peer.handlers[request.ot](request)
      : answerStandard(request);
  } catch (error) {
    fields = { err: String(error) };
  }
  if (fields) reply(request, fields);
}
