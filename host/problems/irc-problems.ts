/** IRC networks and channels that we are not in, and peers there that answer no more. */
import { type Condition, MINUTE_MS } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** Servers are restarted, and nets split. */
const GRACE_MS = 2 * MINUTE_MS;
const CRITICAL_MS = 15 * MINUTE_MS;

export function ircProblems({ irc }: Facts): Condition[] {
  return irc.networks.flatMap(({ name, state, channels, silent, lastError }): Condition[] => {
    const subject = { kind: "network", name } as const;
    if (state !== "online") {
      const why = lastError === null ? "" : `: ${lastError.text}`;
      const mend = lastError?.mend || "bowline irc";
      const times = { graceMs: GRACE_MS, criticalAfterMs: CRITICAL_MS };
      return [
        { code: "IRC_OFFLINE", level: "warning", subject, what: `is not online${why}`, ...times, mend },
      ];
    }
    const shut = channels
      .filter((channel) => ["refused", "kicked", "muted"].includes(channel.state))
      .map(
        (channel): Condition => ({
          ...{
            code: "IRC_CHANNEL",
            level: "warning",
            subject: { kind: "network", name: `${name} ${channel.name}` },
          },
          what: `${channel.state}: ${channel.reason}`,
          graceMs: GRACE_MS,
          mend: channel.mend || "ask an operator of the channel; bowline irc",
        }),
      );
    if (silent.length === 0) return shut;
    const who = silent.slice(0, 5).join(", ");
    const what = `${who}: answered pings before, and ${silent.length === 1 ? "does" : "do"} not any more`;
    return [...shut, { code: "IRC_SILENT", level: "warning", subject, what, mend: "bowline irc peers" }];
  });
}
