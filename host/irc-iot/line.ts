/** What IRC carries for IRC-IoT: one PRIVMSG each way, with who said it and what became of it. */

/** Who said something, as the network vouches for it. Neither nick nor host is an identity. */
export interface Speaker {
  /** Name of the IRC network in our configuration. */
  network: string;
  nick: string;
  user: string;
  host: string;
  /** Services account, where the network tells it with this very line or by tracking; null: none, or it does not tell. */
  account: string | null;
}

export interface HeardLine {
  from: Speaker;
  /** As the server spells it; null: said to us alone. */
  channel: string | null;
  text: string;
}

/** Which line goes first. */
export const LineLane = { CONTROL: 0, FRESH: 1, AGAIN: 2 } as const;
export type LineLane = (typeof LineLane)[keyof typeof LineLane];

/**
 * confirmed: the server has taken it (it answered a PING that was written behind it). withdrawn: take() gave null.
 * dropped: too much waited. lost: the connection ended before it was confirmed, or the server refused something of that time
 * for its target, and it may have arrived or not. outgrown: not sent, since others see us by a longer name meanwhile and the
 * server would cut it; it has to be packed anew.
 */
export type LineOutcome = "confirmed" | "withdrawn" | "dropped" | "lost" | "outgrown";

/** A line that waits for its turn. */
export interface OutLine {
  /** A channel or a nick. */
  readonly target: string;
  readonly lane: LineLane;
  /** The most bytes its text will have; at most the budget of the target. */
  readonly maxBytes: number;
  /** Asked once, when its turn has come; what it gives is written at once. null: it is not valid any more. */
  take(): Promise<string | null>;
  /** Called exactly once. */
  onOutcome(outcome: LineOutcome): void;
}
