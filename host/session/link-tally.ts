/** What passed so far on the connections of one port, or of one kind, for metrics: plain numbers, added to where it passes. */
import { Break } from "../../shared/link/frame.ts";
import type { Link } from "../../shared/link/link.ts";

export class LinkTally {
  rxBytes = 0;
  txBytes = 0;
  txFrames = 0;
  /** Links that broke since a frame's checksum was wrong, or since a board's port had lost bytes; either end finds it. */
  crcErrors = 0;
  overruns = 0;
  /** So far, and those that stand. */
  connections = 0;
  standing = 0;
  private readonly past = { frames: 0, noise: 0, stale: 0 };
  private readonly links = new Set<Link>();

  begun(link: Link | null): void {
    this.connections++;
    this.standing++;
    if (link !== null) this.links.add(link);
  }

  broken(reason: number): void {
    if (reason === Break.CHECKSUM) this.crcErrors++;
    else if (reason === Break.OVERFLOW) this.overruns++;
  }

  ended(link: Link | null): void {
    this.standing--;
    if (link === null || !this.links.delete(link)) return;
    this.past.frames += link.frames;
    this.past.noise += link.noise;
    this.past.stale += link.stale;
  }

  /** Frames read, foreign bytes skipped, frames of other openings; 0 where there are no frames. */
  get heard(): { frames: number; noise: number; stale: number } {
    const heard = { ...this.past };
    for (const { frames, noise, stale } of this.links) {
      heard.frames += frames;
      heard.noise += noise;
      heard.stale += stale;
    }
    return heard;
  }

  /** A serial link that both ends have opened. */
  get isOpen(): boolean {
    for (const { isOpen } of this.links) if (isOpen) return true;
    return false;
  }
}
