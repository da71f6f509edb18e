/**
 * The last words of each board since the gateway was started: what its program says of itself, `l:status {text}`, else its
 * newest telemetry. What it said before that would be told as if it were new.
 */
import type { DeliveredMessage } from "../store/store.ts";

/** Characters: a heartbeat is read as one line. */
const MAX_TEXT = 300;

type Said = Pick<DeliveredMessage, "device" | "message">;

export class BoardWords {
  private readonly statuses = new Map<string, string>();
  private readonly telemetry = new Map<string, Said>();

  constructor(
    /** A message in words for people. */
    private readonly say: (message: Said) => string,
  ) {}

  /** -> whether these are the first words of that board. */
  note({ device, message }: Said): boolean {
    const { ot, text } = message;
    const wasSilent = !this.has(device);
    if (ot === "l:status" && typeof text === "string") this.statuses.set(device, text.slice(0, MAX_TEXT));
    else if (ot === "l:telemetry") this.telemetry.set(device, { device, message });
    return wasSilent && this.has(device);
  }

  of(board: string): string {
    const telemetry = this.telemetry.get(board);
    return this.statuses.get(board) ?? (telemetry === undefined ? "" : this.say(telemetry));
  }

  private has(board: string): boolean {
    return this.statuses.has(board) || this.telemetry.has(board);
  }
}
