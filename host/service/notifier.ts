/**
 * What systemd is told of this process (sd_notify), by the program systemd-notify: Node has no datagram sockets of the
 * unix kind.
 *
 * Not with --no-block: systemd would then look for the unit of a program that may be gone by that time, and ignore what
 * it said. Waiting costs us nothing, since it does so in a process of its own.
 */
import { execFile } from "node:child_process";
import type { Log } from "../platform/log.ts";

/** It waits 5 s for an answer, at most. */
const PROGRAM_MS = 10_000;
const US_PER_MS = 1000;

type Environment = Readonly<Record<string, string | undefined>>;

export class Notifier {
  /** What was said before has been heard: a status must not overtake the next one. */
  private said: Promise<void> = Promise.resolve();
  private isFaulty = false;

  private constructor(
    private readonly env: Environment,
    private readonly pid: number,
    private readonly log: Log,
  ) {}

  /** null where systemd wants to hear nothing: NOTIFY_SOCKET is not set. */
  static of(env: Environment, pid: number, log: Log): Notifier | null {
    return env.NOTIFY_SOCKET ? new Notifier(env, pid, log) : null;
  }

  /** It serves. */
  ready(status: string): Promise<void> {
    return this.say("--ready", `--status=${status}`);
  }

  /** It starts and goes on starting: it is given `ms` more from now on, until it says so again or serves. */
  starting(status: string, ms: number): Promise<void> {
    return this.say(`EXTEND_TIMEOUT_USEC=${ms * US_PER_MS}`, `--status=${status}`);
  }

  /** It is alive. */
  beat(status: string): Promise<void> {
    return this.say("WATCHDOG=1", `--status=${status}`);
  }

  status(status: string): Promise<void> {
    return this.say(`--status=${status}`);
  }

  /** It stops; said at once, for the process may end before what was said before it has been heard. */
  stopping(): Promise<void> {
    // Not --stopping, which the systemd-notify of Debian 11 and 12 does not know.
    return this.run(["STOPPING=1", "--status=stops: hands on what it can"]);
  }

  private say(...words: string[]): Promise<void> {
    this.said = this.said.then(() => this.run(words));
    return this.said;
  }

  /** Never rejects: a gateway serves whether or not anybody hears that it does. */
  private run(words: string[]): Promise<void> {
    const options = { env: { ...this.env }, timeout: PROGRAM_MS };
    return new Promise((resolve) => {
      const over = (error: Error | null) => {
        if (error !== null && !this.isFaulty) this.log.warn(faultOf(error), "systemd was not told");
        else if (error === null && this.isFaulty) this.log.info({}, "systemd is told again");
        this.isFaulty = error !== null;
        resolve();
      };
      try {
        execFile("systemd-notify", [`--pid=${this.pid}`, ...words], options, over);
      } catch (error) {
        // No memory for another process, say.
        over(error as Error);
      }
    });
  }
}

function faultOf({ code, message }: Error & { code?: unknown }): object {
  const mend = code === "ENOENT" ? "sudo apt-get install systemd" : "systemctl status bowline";
  return { error: message.trim(), mend };
}
