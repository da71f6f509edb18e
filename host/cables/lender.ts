/** Lends a port to one other program at a time, and tells of each loan when it begins and ends. */
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";

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

interface LenderOptions {
  path: string;
  baud: number;
  log: Log;
  clock: Clock;
  /** Closes the port and leaves it alone; resolves once it is closed. */
  close(): Promise<void>;
  /** Opens it again. */
  reopen(): void;
}

export class Lender {
  /** null while nobody has the port from us. */
  current: LoanView | null = null;

  constructor(private readonly options: LenderOptions) {}

  /** Resolves once the port is closed. Rejects with PORT_LENT, or as close() does. */
  async lend(to: string): Promise<Loan> {
    const { path, baud, log, clock, close } = this.options;
    if (this.current !== null) throw lentAlready(path, this.current);
    const [loan, lentAt] = [{ to, since: clock.wall() }, clock.now()];
    log.info({ path }, `lent to ${to}`);
    this.current = loan;
    const giveBack = () => this.end(loan, lentAt);
    await close().catch((error) => {
      giveBack();
      throw error;
    });
    return { path, baud, giveBack };
  }

  private end(loan: LoanView, lentAt: number): void {
    if (this.current !== loan) return;
    const { path, log, clock, reopen } = this.options;
    this.current = null;
    log.info({ path }, `given back after ${Math.round((clock.now() - lentAt) / 1000)} s`);
    reopen();
  }
}

function lentAlready(path: string, { to }: LoanView): BowlineError {
  const text = `lending serial port ${path}: it is lent to ${to}; one program at a time may have it`;
  return new BowlineError("PORT_LENT", text, ExitCode.busy, "bowline ports tells when it is given back");
}
