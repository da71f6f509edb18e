/** One request over HTTP, bound by an AbortSignal alone: fetch would give up an answer that takes 5 minutes. */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BowlineError, ExitCode } from "../../platform/errors.ts";

export interface HttpCall {
  method: "GET" | "POST" | "DELETE";
  url: URL;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  /** ms without a byte after which the connection counts as dead. */
  silenceMs?: number;
}

/** The largest answer that is read whole. */
const MAX_BODY_BYTES = 268_435_456;

/** Resolves with the head of the answer, its body still to be read; rejects with NOT_RUNNING, GATEWAY_… or an AbortError. */
export function openCall({
  method,
  url,
  headers,
  body,
  signal,
  silenceMs,
}: HttpCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === "https:" ? requestHttps : requestHttp;
    // agent: false: a connection of its own, closed with the answer, so that the process can end.
    const call = start(url, { method, headers, signal, agent: false }, resolve);
    call.on("error", (error) => reject(signal.aborted ? abortError() : connectionError(error, url)));
    if (silenceMs !== undefined) call.setTimeout(silenceMs, () => call.destroy(new Error("silent")));
    call.end(body);
  });
}

/** The whole body as text. */
export async function readBody(response: IncomingMessage, url: URL, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw new Error(`an answer above ${MAX_BODY_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw signal.aborted ? abortError() : connectionError(error as Error, url);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** What everything that waits rejects with once its signal is aborted. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

export function abortError(): Error {
  return new DOMException("interrupted", "AbortError");
}

/** Errors that a gateway which is being restarted gives: to be tried again by who can wait. */
export const lossCodes: readonly string[] = ["NOT_RUNNING", "GATEWAY_LOST", "GATEWAY_SILENT"];

/** Why a connection to the gateway broke, for a person. */
export function connectionError(error: Error, url: URL): BowlineError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const attempt = `talking to the gateway at ${url.origin}`;
  if (code === "ECONNREFUSED") {
    const text = `${attempt}: nobody listens there; is it running?`;
    const mend = "npm start, or bowline up; for one that runs elsewhere --url, or --config with its file";
    return new BowlineError("NOT_RUNNING", text, ExitCode.notFound, mend);
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const text = `${attempt}: no such host`;
    return new BowlineError("GATEWAY_UNKNOWN", text, ExitCode.notFound, "give another --url");
  }
  if (code === "ETIMEDOUT" || error.message === "silent") {
    const text = `${attempt}: no answer`;
    return new BowlineError(
      "GATEWAY_SILENT",
      text,
      ExitCode.timeout,
      "bowline devices, or restart the gateway",
    );
  }
  const text = `${attempt}: the connection broke (${code || error.message})`;
  return new BowlineError(
    "GATEWAY_LOST",
    text,
    ExitCode.failure,
    "bowline devices tells whether it is there",
  );
}

/** What answers there is no gateway. */
export function noGateway({ statusCode, headers }: IncomingMessage, url: URL): BowlineError {
  const seen = `${statusCode} ${headers["content-type"] ?? "without a type"}`;
  const text = `talking to the gateway at ${url.origin}: it answers ${seen}, which no gateway does`;
  return new BowlineError(
    "NO_GATEWAY",
    text,
    ExitCode.failure,
    "bowline config show tells which port is ours",
  );
}
