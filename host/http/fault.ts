/** An answer that is an error: its status, a code to test, and what a person reads. */
import type { ServerResponse } from "node:http";
import { BowlineError, ExitCode } from "../platform/errors.ts";

/** The body of every answer that is no success. */
export interface ErrorBody {
  error: { code: string; message: string; mend: string; [detail: string]: unknown };
}

export interface FaultExtras {
  /** A command or a setting. */
  mend?: string;
  headers?: Record<string, string>;
  /** Fields of its own beside code, message and mend. */
  details?: Record<string, unknown>;
}

export class HttpFault extends Error {
  override readonly name = "HttpFault";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extras: FaultExtras = {},
  ) {
    super(message);
  }
}

const statuses: Record<ExitCode, number> = {
  [ExitCode.ok]: 500,
  [ExitCode.failure]: 500,
  [ExitCode.usage]: 400,
  [ExitCode.notFound]: 404,
  [ExitCode.permission]: 403,
  [ExitCode.busy]: 503,
  [ExitCode.timeout]: 504,
  [ExitCode.verification]: 500,
  [ExitCode.refused]: 502,
  [ExitCode.interrupted]: 503,
};

/** Of what no exit code is as narrow as. */
const own: Readonly<Record<string, number>> = { TASK_ID_REUSED: 409 };

/** What the client is told of `error`; null for a fault of ours, of which it learns nothing but that it happened. */
export function faultOf(error: unknown): HttpFault | null {
  if (error instanceof HttpFault) return error;
  if (!(error instanceof BowlineError)) return null;
  // What the store cannot take now it takes later: none of the client's doing.
  const status = error.code.startsWith("STORE_") ? 503 : (own[error.code] ?? statuses[error.exitCode]);
  return new HttpFault(status, error.code, error.message, { mend: error.mend });
}

export function internalFault(): HttpFault {
  const text = "answering: the gateway met a fault of its own; its log says which";
  return new HttpFault(500, "INTERNAL", text, { mend: "report it, with the lines of the log" });
}

export function sendFault(response: ServerResponse, fault: HttpFault): void {
  const { mend = "", headers = {}, details = {} } = fault.extras;
  const body: ErrorBody = { error: { code: fault.code, message: fault.message, mend, ...details } };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, fault.status, body);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(`${JSON.stringify(body)}\n`);
}
