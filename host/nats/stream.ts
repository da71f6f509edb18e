/** The stream that messages are handed on to: found, or made if it is to be, and which of its ids are ours already. */
import type { JetStreamClient, JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import type { NatsConfig } from "../config/schema.ts";
import { ApiCode, apiCodeOf, NatsFault, noStream } from "./fault.ts";
import { covers } from "./subject.ts";
import type { Taken } from "./taken.ts";

const NS_PER_S = 1e9;
/** Ids that the server sends ahead. */
const READ_AHEAD = 1000;
/** Ids between two turns of everything else. */
const TURN = 200;

/** `filter`: what this gateway publishes. Throws a NatsFault when the stream is not there, or does not take that. */
export async function findStream(
  manager: JetStreamManager,
  settings: NatsConfig,
  filter: string,
): Promise<StreamInfo> {
  const { stream, create } = settings;
  const info = await manager.streams.info(stream).catch((error: unknown) => {
    if (apiCodeOf(error) !== ApiCode.streamMissing) throw error;
    if (!create.enabled) throw noStream(settings);
    return makeStream(manager, settings);
  });
  const { subjects = [], retention } = info.config;
  if (!subjects.some((pattern) => covers(pattern, filter)))
    throw new NatsFault(
      `stream ${stream} takes ${subjects.join(", ") || "nothing"}, and not ${filter}`,
      `nats stream edit ${stream} --subjects '${[...subjects, `${settings.subject}.>`].join(",")}'`,
    );
  // Of one that gives up what was read, nobody can ask what it already had.
  if (retention !== "limits")
    throw new NatsFault(
      `stream ${stream} keeps no message that was read (retention ${retention}); expected limits`,
      `nats stream add ${stream} --subjects '${settings.subject}.>' --discard new --defaults`,
    );
  return info;
}

async function makeStream(manager: JetStreamManager, settings: NatsConfig): Promise<StreamInfo> {
  const { stream, subject, create } = settings;
  const { subjects, maxBytes, replicas, dedupeWindowS } = create;
  return manager.streams
    .add({
      ...{ name: stream, subjects: subjects.length > 0 ? subjects : [`${subject}.>`] },
      // Full, it refuses: messages wait in the gateway and none is given up for a newer one.
      ...{ storage: "file", retention: "limits", discard: "new" },
      ...{ max_bytes: maxBytes === 0 ? -1 : maxBytes, num_replicas: replicas },
      duplicate_window: Math.round(dedupeWindowS * NS_PER_S),
    })
    .catch((error: unknown) => {
      // Another gateway was first, with other settings.
      if (apiCodeOf(error) === ApiCode.nameTaken) return manager.streams.info(stream);
      throw error;
    });
}

export interface Reading {
  client: JetStreamClient;
  manager: JetStreamManager;
  stream: string;
  timeoutMs: number;
  /** So much of it is read, 0 to 1. */
  onProgress(share: number): void;
}

/**
 * Adds to `taken` the messages of `filter` that stand behind `place` and may still be handed on. The stream's leader says which is the last, so that one who lags behind is not believed to have told all.
 */
export async function readTaken(
  taken: Taken,
  place: number,
  filter: string,
  reading: Reading,
): Promise<void> {
  const { client, manager, stream, timeoutMs, onProgress } = reading;
  const last = (await manager.streams.getMessage(stream, { last_by_subj: filter }))?.seq ?? 0;
  if (last <= place) return;
  const consumer = await client.consumers.get(stream, {
    ...{ filter_subjects: filter, headers_only: true },
    ...{ deliver_policy: "by_start_sequence", opt_start_seq: place + 1 },
  });
  const messages = await consumer.consume({ max_messages: READ_AHEAD });
  const idle = setTimeout(() => messages.stop(), timeoutMs);
  let at = place;
  try {
    let count = 0;
    for await (const { seq, headers } of messages) {
      idle.refresh();
      at = seq;
      const id = headers?.get("Nats-Msg-Id") ?? "";
      if (id !== "") taken.add(id, seq);
      if (seq >= last) break;
      if (++count % TURN === 0) {
        onProgress((seq - place) / (last - place));
        await turn();
      }
    }
  } finally {
    clearTimeout(idle);
    await messages.close().catch(() => {}); // the connection may be gone
    await consumer.delete().catch(() => {}); // the server forgets it by itself
  }
  if (at < last)
    throw new NatsFault(
      `reading what stream ${stream} has: nothing behind ${at} within ${timeoutMs / 1000} s, expected up to ${last}`,
      `nats stream info ${stream}`,
    );
}

/** Boards, people and other systems have their turn. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
