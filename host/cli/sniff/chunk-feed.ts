/** The chunks of one link or board as the gateway tells of them, for as long as it has any. */

import type { ServerEvent } from "../../../client/event-parser.ts";
import type { ChunkEvent, MissedEvent, OverEvent, WatchingEvent } from "../../http/api.ts";
import type { BowlineError } from "../../platform/errors.ts";
import type { LinkBegin } from "../../router/link-listener.ts";
import type { GatewayClient } from "../gateway/client.ts";
import { followForever, parseData, readEvents } from "../gateway/event-source.ts";
import type { FoundLink } from "./find-link.ts";

export interface ChunkHandler {
  /** The stream stands, for the first time or again: what was known of connections is void. */
  onWatching(event: WatchingEvent): void;
  onLink(begin: LinkBegin): void;
  onChunk(event: ChunkEvent): void;
  onMissed(event: MissedEvent): void;
  onOver(event: OverEvent): void;
  onLost(error: BowlineError): void;
}

export interface ChunkFeedOptions {
  connect(): Promise<GatewayClient>;
  link: FoundLink;
  signal: AbortSignal;
  /** Resolves when there is room for more. */
  whenReady(): Promise<void>;
  /** For tests. */
  pausesMs?: readonly number[];
}

/** Resolves when a link that does not come back is over; rejects as followForever() does. */
export async function followChunks(options: ChunkFeedOptions, handler: ChunkHandler): Promise<void> {
  const { connect, link, signal, whenReady, pausesMs } = options;
  const follow = async (onStanding: () => void) => {
    const client = await connect();
    const place = { client, path: `api/v1/${link.path}`, headers: {}, signal, whenReady };
    await readEvents(place, (event) => {
      if (event.event === "watching") onStanding();
      take(event, handler);
      return event.event === "over" && link.isOnce ? "enough" : undefined;
    });
    return "done" as const;
  };
  // A gateway that was restarted knows a board only once that has said hello again.
  const waitFor = link.isOnce ? [] : ["LINK_UNKNOWN"];
  await followForever(follow, { signal, pausesMs, waitFor, onLost: (error) => handler.onLost(error) });
}

function take({ event, data }: ServerEvent, handler: ChunkHandler): void {
  if (event === "chunk") handler.onChunk(parseData(data));
  else if (event === "link") handler.onLink(parseData(data));
  else if (event === "missed") handler.onMissed(parseData(data));
  else if (event === "over") handler.onOver(parseData(data));
  else if (event === "watching") handler.onWatching(parseData(data));
}
