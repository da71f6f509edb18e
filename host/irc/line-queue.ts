/** Lines that wait for their turn, by lane, at most so many. */
import { LineLane, type OutLine } from "../irc-iot/line.ts";

export class LineQueue {
  private readonly lanes: OutLine[][] = [[], [], []];

  constructor(private readonly most: number) {}

  get length(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.length, 0);
  }

  lengthOf(lane: LineLane): number {
    return this.lanes[lane].length;
  }

  /** -> who has to go for it: the oldest of what matters least, itself when all others matter more; null: there is room. */
  push(line: OutLine): OutLine | null {
    const victim = this.length < this.most ? null : (this.oldestBelow(line.lane) ?? line);
    if (victim !== line) this.lanes[line.lane].push(line);
    return victim;
  }

  /** The first that may go now; it stays. */
  first(mayGo: (line: OutLine) => boolean): OutLine | undefined {
    for (const lane of this.lanes) {
      const line = lane.find(mayGo);
      if (line !== undefined) return line;
    }
    return undefined;
  }

  remove(line: OutLine): void {
    const lane = this.lanes[line.lane];
    const index = lane.indexOf(line);
    if (index >= 0) lane.splice(index, 1);
  }

  takeAll(): OutLine[] {
    return this.lanes.flatMap((lane) => lane.splice(0));
  }

  /** A retransmission goes before what is fresh, which is telemetry; what answers somebody goes for nothing. */
  private oldestBelow(lane: LineLane): OutLine | undefined {
    for (let i: number = LineLane.AGAIN; i >= Math.max(lane, LineLane.FRESH); i--) {
      const oldest = this.lanes[i].shift();
      if (oldest !== undefined) return oldest;
    }
    return undefined;
  }
}
