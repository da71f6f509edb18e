/** Reads the JSON body of a request, within a bound. */
import type { IncomingMessage } from "node:http";
import { isTooDeep, MAX_DEPTH } from "../platform/json-depth.ts";
import { HttpFault } from "./fault.ts";

/** What a request to a board may take: more than the largest packet a board accepts. */
export const MAX_BODY_BYTES = 65_536;

const MEND = 'send {"ot":"l:info"}';

/** Throws 413 for more than `maxBytes`, 400 for what is no JSON object; `mend`: one that would be taken. */
export async function readObject(
  request: IncomingMessage,
  maxBytes = MAX_BODY_BYTES,
  mend = MEND,
): Promise<Record<string, unknown>> {
  const value = parseJson(await readBytes(request, maxBytes), mend);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw invalid(`${Array.isArray(value) ? "a list" : JSON.stringify(value).slice(0, 40)}`, mend);
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  // The stream outlives the loop: destroying it would take the connection along, and with it the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Buffer, mend: string): unknown {
  const text = decode(bytes, mend);
  if (isTooDeep(text)) throw invalid(`JSON nested deeper than ${MAX_DEPTH}`, mend);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid((error as Error).message, mend);
  }
}

function decode(bytes: Buffer, mend: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalid((error as Error).message, mend);
  }
}

function invalid(seen: string, mend: string): HttpFault {
  const text = `reading the body: ${seen}; allowed: one JSON object, in UTF-8`;
  return new HttpFault(400, "BODY_INVALID", text, { mend });
}

function tooLarge(maxBytes: number): HttpFault {
  return new HttpFault(
    413,
    "BODY_TOO_LARGE",
    `reading the body: more than ${maxBytes} bytes, the most allowed`,
  );
}
