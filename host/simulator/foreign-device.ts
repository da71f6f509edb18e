/** What else may sit at a port: devices that are no board, for whoever has to tell them from one. */
import { randomInteger, seededRandom } from "../transports/random.ts";
import type { SerialEnd } from "./port.ts";

/**
 * silent: takes everything and says nothing, as a dead board. echo: a loop-back plug. garbage: random bytes to whatever is
 * said, as at a wrong speed. modem: answers AT commands. nmea: a GPS receiver, which talks without being asked.
 */
export type ForeignKind = "silent" | "echo" | "garbage" | "modem" | "nmea";

const NMEA_LINE = "$GPGGA,120000.00,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n";
const NMEA_MS = 200;
const MAX_GARBAGE = 40;

export class ForeignDevice {
  private timer: NodeJS.Timeout | undefined;
  private line = "";

  constructor(
    private readonly kind: ForeignKind,
    private readonly end: SerialEnd,
    private readonly seed = 1,
  ) {}

  start(): void {
    const random = seededRandom(this.seed);
    const garbage = () =>
      Uint8Array.from({ length: randomInteger(random, 1, MAX_GARBAGE) }, () => random() * 256);
    this.end.onData((bytes) => {
      if (this.kind === "echo") this.end.write(bytes);
      else if (this.kind === "garbage") this.end.write(garbage());
      else if (this.kind === "modem") this.answer(Buffer.from(bytes).toString("latin1"));
    });
    if (this.kind === "nmea") this.timer = setInterval(() => this.say(NMEA_LINE), NMEA_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** It echoes, and knows but one command. */
  private answer(typed: string): void {
    for (const character of typed) {
      this.say(character);
      if (character === "\r" || character === "\n") {
        if (this.line !== "") this.say(/^AT(?:I|E\d)?$/i.test(this.line) ? "\r\nOK\r\n" : "\r\nERROR\r\n");
        this.line = "";
      } else this.line += character;
    }
  }

  private say(text: string): void {
    this.end.write(Buffer.from(text, "latin1"));
  }
}
