/** Waits for a board's hello on its cable or on the network, through whatever happens to the port meanwhile. */
import { setTimeout as pause } from "node:timers/promises";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { openSerial } from "../../transports/serial-transport.ts";
import { TcpListener } from "../../transports/tcp-listener.ts";
import type { Transport } from "../../transports/transport.ts";
import { type Heard, HelloEar } from "./hello-ear.ts";
import { type SeenInstead, wordsFor } from "./seen-instead.ts";

/** A port that has gone comes back when the board, restarted, is enumerated anew. */
const REOPEN_MS = 250;

export interface HearOptions {
  /** What the board said since its restart, before its port was opened here; latin1. */
  saidBefore?: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * On a cable whoever speaks is the board. Rejects with NO_HELLO, which tells what came instead, with an AbortError, or as
 * openSerial() does when the port cannot be opened at all.
 */
export function hearOnCable(path: string, baud: number, options: HearOptions): Promise<Heard> {
  return hear(options, path, async (ear, over) => {
    let failure: unknown;
    while (!over.aborted) {
      try {
        const transport = await openSerial({ path, baud, resetOnOpen: "never" });
        failure = undefined;
        if (over.aborted) transport.close();
        else await ear.listen(transport, baud);
      } catch (error) {
        if (!(error instanceof BowlineError) || error.code !== "SERIAL_NOT_FOUND") throw error;
        failure = error;
      }
      await pause(REOPEN_MS, undefined, { signal: over }).catch(() => {});
    }
    if (failure !== undefined) throw failure;
  });
}

/** On the network only `id` counts. Rejects also as listening does when the address cannot be had. */
export function hearOnNetwork(
  id: string,
  at: { host: string; port: number },
  options: HearOptions,
): Promise<Heard> {
  const where = `${at.host}:${at.port}`;
  return hear(
    options,
    where,
    async (ear, over) => {
      const listener = listenerAt(at, (transport) => void ear.listen(transport));
      await listener.start();
      try {
        await pause(options.timeoutMs, undefined, { signal: over }).catch(() => {});
      } finally {
        await listener.stop();
      }
    },
    id,
  );
}

/** Whether hearOnNetwork() could listen there. Rejects as listening does. */
export async function tryListening(at: { host: string; port: number }): Promise<void> {
  const listener = listenerAt(at, (transport) => transport.close());
  await listener.start();
  await listener.stop();
}

function listenerAt(at: { host: string; port: number }, onTransport: (transport: Transport) => void) {
  return new TcpListener({ ...at, setting: "tcp.port", onTransport, onAcceptError() {} });
}

/** `listen` runs until its signal ends; what it rejects with ends the wait. */
async function hear(
  { timeoutMs, signal, saidBefore = "" }: HearOptions,
  where: string,
  listen: (ear: HelloEar, over: AbortSignal) => Promise<void>,
  id?: string,
): Promise<Heard> {
  const over = new AbortController();
  let heard: Heard | undefined;
  const others = new Set<string>();
  const ear = new HelloEar((one) => {
    if (id !== undefined && one.hello.id !== id) return void others.add(one.hello.id);
    heard = one;
    over.abort();
  });
  // Not AbortSignal.timeout(): its timer neither keeps the process nor, joined by any(), itself (nodejs/node#54614).
  const timer = setTimeout(() => over.abort(), timeoutMs);
  const interrupt = () => over.abort();
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) over.abort();
  // The port is listened on in an endless loop, which ends when its transport does.
  over.signal.addEventListener("abort", () => void ear.stop(), { once: true });
  try {
    await listen(ear, over.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", interrupt);
    await ear.stop();
  }
  if (heard !== undefined) return heard;
  signal.throwIfAborted();
  throw noHello(where, timeoutMs, {
    text: saidBefore + ear.text,
    frames: ear.frames,
    fault: ear.fault,
    others: [...others],
  });
}

function noHello(where: string, timeoutMs: number, seen: SeenInstead): BowlineError {
  const { text, mend } = wordsFor(seen);
  const attempt = `waiting ${Math.round(timeoutMs / 1000)} s for the board's hello on ${where}`;
  return new BowlineError("NO_HELLO", `${attempt}: ${text}`, ExitCode.timeout, mend);
}
