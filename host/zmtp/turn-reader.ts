/**
 * Keeps what sockets brought in one turn of the event loop, and reads it when all of them were heard: a subscription that came
 * with the request whose answer it is for, on another connection, counts before the request is passed on (MoniQue 2.9).
 */
import type { ChunkReader, ZmtpConnection } from "./connection.ts";

export class TurnReader implements ChunkReader {
  private kept: { connection: ZmtpConnection; chunk: Uint8Array }[] = [];
  private isScheduled = false;
  private isPaused = false;
  private readonly turn = () => {
    this.isScheduled = false;
    if (!this.isPaused) this.readAll();
  };

  later(connection: ZmtpConnection, chunk: Uint8Array): void {
    this.kept.push({ connection, chunk });
    this.schedule();
  }

  readAll(): void {
    while (this.kept.length > 0) {
      const kept = this.kept;
      this.kept = [];
      for (const { connection, chunk } of kept) connection.read(chunk);
    }
  }

  /** What is kept stays, but for what a connection said before its end. */
  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    if (this.kept.length > 0) this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(this.turn);
  }
}
