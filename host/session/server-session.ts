/** A session that the other side asked for: its id is ours to give, and to find again (session §1). */
import type { Code } from "../../shared/session/codes.ts";
import { attachSession } from "../../shared/session/lifecycle.ts";
import type { Clock } from "../platform/clock.ts";
import type { Carrier } from "./carrier.ts";
import { HostSession, NOTHING, type SessionSettings } from "./host-session.ts";
import { SessionTally } from "./session-tally.ts";

export class ServerSession extends HostSession {
  /** Its hello gives the board a key (session part 4). */
  isGivingKey = false;
  /** The speaker that its hello names, proved or not; "" before. */
  device = "";
  /** The highest counter a resume has shown (D7). */
  resumes = 0;
  /** The id, a character a byte: as bytes it would take ten times the memory, and is hardly asked for. */
  private readonly idText: string;

  constructor(
    id: Uint8Array,
    /** Which of the server's sessions it is: a later one has the higher number. */
    readonly order: number,
    settings: SessionSettings,
    clock: Clock,
    private readonly onEnded: (session: ServerSession, code: Code) => void,
    tally = new SessionTally(),
  ) {
    super(false, id, settings, clock, tally);
    this.idText = Buffer.from(id).toString("latin1");
  }

  get id(): Uint8Array {
    return Buffer.from(this.idText, "latin1");
  }

  /** What leaves carries the key, or may carry it again: nobody else is to hear it. */
  override get isSecret(): boolean {
    return this.isGivingKey && this.session.acknowledged === 0;
  }

  /** A cable takes less than a socket. */
  limitTo(rx: number, max: number): void {
    this.rx = Math.min(this.rx, rx);
    this.max = Math.min(this.max, max);
    this.session.syncBytes = this.rx / 2;
  }

  /** `carrier` has asked for it. */
  attach(carrier: Carrier, isNew: boolean): void {
    this.carryBy(carrier);
    attachSession(this.session, isNew, this.clock.now());
  }

  override onOpen(isResumed: boolean): void {
    this.session.id = NOTHING; // it was told with the answer to the first request
    super.onOpen(isResumed);
  }

  protected over(code: Code): void {
    this.onEnded(this, code);
  }
}
