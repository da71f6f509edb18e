/** What the log has of our channels: a line when one is closed to us, and one when we are let in after that; none a retry. */
import type { Log } from "../platform/log.ts";
import { channelMend } from "./failure.ts";
import type { ChannelState } from "./settings.ts";

export class ChannelLog {
  /** Channel -> what was told of it last. */
  private readonly told = new Map<string, string>();

  constructor(
    private readonly network: string,
    private readonly log: Log,
  ) {}

  became(channel: string, state: ChannelState, reason: string): void {
    const { network, log, told } = this;
    if (state === "joined" && told.delete(channel))
      log.info({ network, event: "mended" }, `IRC: in ${channel} again`);
    if (state !== "refused" && state !== "kicked" && state !== "muted") return;
    const text = `${state}: ${reason}`;
    if (told.get(channel) === text) return;
    told.set(channel, text);
    const mend = channelMend(reason);
    log.warn({ network, event: "fault", ...(mend !== "" && { mend }) }, `IRC: ${channel}: ${text}`);
  }
}
