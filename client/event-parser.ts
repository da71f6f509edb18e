/**
 * Server-Sent Events out of a stream of bytes (WHATWG HTML, section "Server-sent events"), cut anywhere.
 *
 *   wire:  field:value LF …  LF          fields id, event, data, retry; a line that begins with a colon is a comment
 */

export interface ServerEvent {
  /** Of this event or the last one that had an id: what Last-Event-ID asks to go on after. */
  id: string;
  event: string;
  data: string;
}

/** An event of more characters than this is no event of ours. */
const MAX_EVENT_CHARS = 16_777_216;

export class EventParser {
  private readonly decoder = new TextDecoder();
  private rest = "";
  /** Where in `rest` the search for an end of line goes on. */
  private searched = 0;
  private id = "";
  private event = "";
  private data: string[] = [];
  /** Characters of the lines since the last event. */
  private size = 0;

  constructor(private readonly onEvent: (event: ServerEvent) => void) {}

  /** Takes the next bytes; a RangeError when an event grows without end. */
  receive(bytes: Uint8Array): void {
    this.rest += this.decoder.decode(bytes, { stream: true });
    let start = 0;
    let end = this.lineEnd(this.searched);
    while (end >= 0) {
      this.readLine(this.rest.slice(start, end));
      start = end + (this.rest.startsWith("\r\n", end) ? 2 : 1);
      end = this.lineEnd(start);
    }
    this.rest = this.rest.slice(start);
    // A CR at the very end may be half of a CR LF: it is looked at again.
    this.searched = Math.max(0, this.rest.length - 1);
    const size = this.size + this.rest.length;
    if (size <= MAX_EVENT_CHARS) return;
    throw new RangeError(`reading an event: ${size} characters, ${MAX_EVENT_CHARS} allowed`);
  }

  /** The next LF, CR or CR LF; -1 while it cannot be told. */
  private lineEnd(from: number): number {
    for (let at = from; at < this.rest.length; at++) {
      const c = this.rest.charCodeAt(at);
      if (c === 10) return at;
      if (c === 13) return at + 1 < this.rest.length ? at : -1;
    }
    return -1;
  }

  private readLine(line: string): void {
    if (line === "") {
      this.dispatch();
      return;
    }
    this.size += line.length;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
  }

  private dispatch(): void {
    const { id, event, data } = this;
    this.event = "";
    this.data = [];
    this.size = 0;
    if (data.length > 0) this.onEvent({ id, event: event || "message", data: data.join("\n") });
  }
}
