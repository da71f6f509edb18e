/** A gateway's stream of events, read until it is lost, and begun again for as long as it takes. */
import { setTimeout } from "node:timers/promises";
import { EventParser, type ServerEvent } from "../../../client/event-parser.ts";
import { BowlineError } from "../../platform/errors.ts";
import type { GatewayClient } from "./client.ts";
import { lossCodes } from "./http-call.ts";

const PAUSES_MS = [100, 200, 500, 1000, 2000];
/** The gateway says something every 15 s. */
const SILENCE_MS = 40_000;

export interface FollowOptions {
  signal: AbortSignal;
  onLost(error: BowlineError): void;
  /** Codes that waiting mends besides the loss of the gateway, once the stream has stood. */
  waitFor?: readonly string[];
  /** For tests. */
  pausesMs?: readonly number[] | undefined;
}

/**
 * Calls `follow` again whenever the gateway is lost; it says when its stream stands. Rejects with an AbortError, or with
 * what waiting does not mend; before the first stream stood, also with a loss.
 */
export async function followForever(
  follow: (onStanding: () => void) => Promise<"again" | "done">,
  { signal, onLost, waitFor = [], pausesMs = PAUSES_MS }: FollowOptions,
): Promise<void> {
  let hasStood = false;
  let failures = 0;
  const onStanding = () => {
    hasStood = true;
    failures = 0;
  };
  for (;;) {
    try {
      if ((await follow(onStanding)) === "done") return;
    } catch (error) {
      const isLoss = error instanceof BowlineError && [...lossCodes, ...waitFor].includes(error.code);
      if (!isLoss || !hasStood) throw error;
      if (failures === 0) onLost(error);
      await setTimeout(pausesMs[Math.min(failures++, pausesMs.length - 1)], undefined, { signal });
    }
  }
}

export interface EventPlace {
  client: GatewayClient;
  path: string;
  headers: Record<string, string>;
  signal: AbortSignal;
  /** Waited for before more is read, so that the gateway learns how fast its events are taken. */
  whenReady(): Promise<void>;
}

/** Every event, until `onEvent` says that it is enough; rejects with GATEWAY_LOST when the stream ends before. */
export async function readEvents(
  { client, path, headers, signal, whenReady }: EventPlace,
  onEvent: (event: ServerEvent) => "enough" | undefined,
): Promise<void> {
  const response = await client.openEvents(path, headers, SILENCE_MS);
  let isEnough = false;
  const parser = new EventParser((event) => {
    isEnough ||= onEvent(event) === "enough";
  });
  try {
    for await (const chunk of untilLost(response)) {
      parser.receive(chunk);
      if (isEnough) return;
      await whenReady();
    }
  } finally {
    response.destroy();
  }
  signal.throwIfAborted();
  throw new BowlineError("GATEWAY_LOST", `the connection to ${client.place.url.origin} was lost`);
}

export function parseData<T>(data: string): T {
  try {
    return JSON.parse(data) as T;
  } catch {
    const seen = JSON.stringify(data.slice(0, 40));
    const text = `reading an event: ${seen} is no JSON; expected what a gateway sends`;
    throw new BowlineError("NO_GATEWAY", text);
  }
}

/** The chunks until the connection ends, however it does. */
async function* untilLost(response: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch {
    // Which error it was says less than that the gateway no longer answers: the next connection tells.
  }
}
