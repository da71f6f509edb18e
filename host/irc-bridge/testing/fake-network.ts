/** A network for tests of what is said: its connection, its members and what becomes of each line are as the test has it. */
import type { OutLine, Speaker } from "../../irc-iot/line.ts";
import type { NetworkPort, Proof } from "../ports.ts";

interface Said {
  target: string;
  text: string;
  line: OutLine;
}

export class FakeNetwork implements NetworkPort {
  state = "online";
  nick = "gw";
  room = 400;
  /** Lines whose texts were given, in order; what becomes of them is settle()'s. */
  readonly said: Said[] = [];
  readonly waiting: OutLine[] = [];
  proof: Proof | null = null;
  /** Lines for them wait, as at a network that knows that they are not there. */
  readonly away = new Set<string>();
  private isPumping = false;

  budget(): number {
    return this.room;
  }

  send(line: OutLine): void {
    this.waiting.push(line);
    void this.pump();
  }

  fold(name: string): string {
    return name.toLowerCase();
  }

  isChannel(name: string): boolean {
    return name.startsWith("#");
  }

  members(): string[] {
    return [];
  }

  async prove(_: Speaker): Promise<Proof | null> {
    return this.proof;
  }

  /** What was said and has no outcome: the server has taken it, or the connection ended. */
  settle(outcome: "confirmed" | "lost"): void {
    for (const { line } of this.open.splice(0)) line.onOutcome(outcome);
  }

  /** The connection ends; what was not confirmed is lost. */
  cut(): void {
    this.state = "waiting";
    this.settle("lost");
  }

  online(): void {
    this.state = "online";
    void this.pump();
  }

  private readonly open: Said[] = [];

  private async pump(): Promise<void> {
    if (this.isPumping) return;
    this.isPumping = true;
    const next = () => this.waiting.findIndex(({ target }) => !this.away.has(target));
    while (this.state === "online" && next() >= 0) {
      const [line] = this.waiting.splice(next(), 1);
      const text = await line.take();
      if (text === null) line.onOutcome("withdrawn");
      else {
        const said = { target: line.target, text, line };
        this.said.push(said);
        this.open.push(said);
      }
    }
    this.isPumping = false;
  }
}
