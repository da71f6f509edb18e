/** Reads a stream of Server-Sent Events, one at a time. */

/** What JSON came; a test says what it expects of it. */
// biome-ignore lint/suspicious/noExplicitAny: toEqual() checks more than a type could
export type Json = any;

export interface StreamEvent {
  event: string;
  id?: string;
  data: Json;
}

export class EventReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly decoder = new TextDecoder();
  private text = "";

  constructor(
    readonly response: Response,
    private readonly controller: AbortController,
  ) {
    this.chunks = (response.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  /** The next event; undefined when the stream has ended. Heartbeats are no events. */
  async next(): Promise<StreamEvent | undefined> {
    for (;;) {
      const end = this.text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.text.slice(0, end);
        this.text = this.text.slice(end + 2);
        const event = parseEvent(block);
        if (event !== undefined) return event;
        continue;
      }
      const { done, value } = await this.chunks.next();
      if (done) return undefined;
      this.text += this.decoder.decode(value, { stream: true });
    }
  }

  /** The next `count` events of one kind. */
  async take(count: number, event = "message"): Promise<StreamEvent[]> {
    const taken: StreamEvent[] = [];
    while (taken.length < count) {
      const next = await this.next();
      if (next === undefined) throw new Error(`the stream ended after ${taken.length} of ${count} ${event}s`);
      if (next.event === event) taken.push(next);
    }
    return taken;
  }

  close(): void {
    this.controller.abort();
  }
}

function parseEvent(block: string): StreamEvent | undefined {
  const lines = block
    .split("\n")
    .map((line) => [line.split(":")[0], line.slice(line.indexOf(":") + 1).trim()]);
  const { event, id, data } = Object.fromEntries(lines) as Record<string, string>;
  return data === undefined
    ? undefined
    : { event, ...(id === undefined ? {} : { id }), data: JSON.parse(data) };
}
