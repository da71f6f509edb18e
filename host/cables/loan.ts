/** A port that is lent to another program: to whom, and why it is not lent twice. */
import { BowlineError, ExitCode } from "../platform/errors.ts";

export interface Loan {
  /** As in the configuration. */
  path: string;
  baud: number;
  /** The gateway opens the port again; calling it twice is harmless. */
  giveBack(): void;
}

export interface LoanView {
  /** As the borrower calls itself: `bowline flash, pid 812`. */
  to: string;
  /** ms since 1970. */
  since: number;
}

export function lentAlready(path: string, { to }: LoanView): BowlineError {
  const text = `lending serial port ${path}: it is lent to ${to}; one program at a time may have it`;
  return new BowlineError("PORT_LENT", text, ExitCode.busy, "bowline ports tells when it is given back");
}
