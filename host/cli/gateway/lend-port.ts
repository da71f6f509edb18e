/** Borrows a serial port from the running gateway, for as long as this process wants it and lives. */
import type { IncomingMessage } from "node:http";
import type { LentPort } from "../../http/api.ts";
import type { GatewayClient } from "./client.ts";
import { abortError, connectionError } from "./http-call.ts";

export interface BorrowedPort extends LentPort {
  /** The gateway opens the port again, at once: it must be closed here. Also happens when this process ends. */
  giveBack(): void;
  /** Resolves when the loan is over, by giveBack() or because the gateway has stopped. */
  readonly over: Promise<void>;
}

/**
 * The port that `path`, an absolute path, leads to; resolves once the gateway has it open no more. `to` is how the
 * gateway names the borrower to people: `bowline flash, pid 812`. `signal` ends the waiting, not the loan: who is
 * interrupted closes the port first, then gives it back.
 *
 * Rejects with NOT_RUNNING, PORT_UNKNOWN (the gateway keeps no such port), PORT_LENT, PORT_STUCK, or as GatewayClient
 * does.
 */
export async function lendPort(
  client: GatewayClient,
  path: string,
  to: string,
  signal: AbortSignal,
): Promise<BorrowedPort> {
  const ending = new AbortController();
  const interrupt = () => ending.abort();
  signal.throwIfAborted();
  signal.addEventListener("abort", interrupt);
  try {
    const answer = await client.openPost("api/v1/ports/lend", { path, to }, ending.signal);
    // The gateway may be killed: then the loan is over, and that is all.
    answer.on("error", () => {});
    const over = new Promise<void>((resolve) => answer.once("close", resolve));
    const lent = await firstLine(answer).catch((error) => {
      throw signal.aborted ? abortError() : connectionError(error, client.place.url);
    });
    return { ...lent, over, giveBack: () => void answer.destroy() };
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** Rejects when the answer ends without it. */
function firstLine(answer: IncomingMessage): Promise<LentPort> {
  return new Promise((resolve, reject) => {
    let text = "";
    answer.setEncoding("utf8");
    answer.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0) return;
      try {
        resolve(JSON.parse(text.slice(0, end)) as LentPort);
      } catch (error) {
        reject(error);
      }
    });
    answer.once("close", () => reject(new Error("the answer ended too soon")));
  });
}
