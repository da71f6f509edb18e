/** Lines out of the bytes of a server: ended by CR, LF or both, decoded when complete, and never longer than a server may send. */

/** 8191 of tags and 512 of the line (IRCv3 message-tags). */
export const MAX_LINE_BYTES = 8191 + 512;

const [LF, CR] = [0x0a, 0x0d];

export class LineCutter {
  /** Lines that were longer, and are dropped whole. */
  tooLong = 0;
  /** Of the line that has begun. */
  private readonly begun = Buffer.alloc(MAX_LINE_BYTES);
  private length = 0;
  private isDropping = false;

  /** Calls `onLine` for each line that is complete with these bytes, never with an empty one. */
  push(chunk: Uint8Array, onLine: (line: string) => void): void {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      if (chunk[i] !== LF && chunk[i] !== CR) continue;
      this.keep(chunk, start, i);
      this.finish(onLine);
      start = i + 1;
    }
    this.keep(chunk, start, chunk.length);
  }

  private keep(chunk: Uint8Array, start: number, end: number): void {
    if (this.isDropping || start === end) return;
    if (this.length + end - start > MAX_LINE_BYTES) {
      this.isDropping = true;
      this.tooLong++;
      return;
    }
    this.begun.set(chunk.subarray(start, end), this.length);
    this.length += end - start;
  }

  private finish(onLine: (line: string) => void): void {
    const text = this.isDropping ? "" : this.begun.toString("utf8", 0, this.length);
    this.length = 0;
    this.isDropping = false;
    if (text !== "") onLine(text);
  }
}
