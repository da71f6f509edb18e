/** Requests of the gateway: found by their type, answered once, never left without an answer. */
import { peer, sendReply } from "./peer.ts";

/** What the gateway asks: its type, its number, and fields of its own. */
export interface BoardRequest {
  ot: string;
  rq: number;
  [field: string]: any;
}
/** Returns the fields of the reply; nothing when reply() will be called later. What it throws becomes `err`. */
export type RequestHandler = (request: BoardRequest) => object | undefined;

const handlers: { [type: string]: RequestHandler } = {};

/** Answers requests of type `ot`, of which there is one handler. */
export function onRequest(ot: string, handler: RequestHandler): void {
  handlers[ot] = handler;
  peer.caps.push(ot);
}

/** Answers a request whose handler returned nothing. */
export function reply(request: BoardRequest, fields: object): void {
  sendReply(JSON.stringify(Object.assign({ re: request.rq }, fields)));
}

/** A message of the gateway: a request, which is answered, or the cancel of one. */
export function takeMessage(message: any): void {
  if (message.kill !== undefined && peer.onCancel) peer.onCancel(message.kill);
  if (message.rq === undefined) return;
  const request: BoardRequest = message;
  // Asked of the list: every object answers to "toString".
  const handler = peer.caps.indexOf(request.ot) < 0 ? undefined : handlers[request.ot];
  let fields: object | undefined;
  if (!handler) fields = { err: "unknown request " + request.ot };
  else {
    try {
      fields = handler(request);
    } catch (error) {
      fields = { err: String(error) };
    }
  }
  if (fields) reply(request, fields);
}
