/** A line of a log, of whatever program kept it: who said what where. */

export interface LogLine {
  /** "": the log does not say. */
  nick: string;
  /** null: said to one alone, or the log does not say. */
  channel: string | null;
  /** Services account and time, of message tags. */
  account: string | null;
  time: string | null;
  /** NOTICE is not IRC-IoT: answers to it would go round in circles. */
  isNotice: boolean;
  text: string;
}

// What begins as IRC-IoT does: `[ok] fine` is somebody talking.
const MESSAGE = /^\s*(?:\[\s*)?\{\s*["}]/;
// raw     [@TAGS ][:NICK!USER@HOST ]PRIVMSG TARGET :TEXT          also behind a time or an arrow, as clients log it
const RAW =
  /^(?:[^@{]{0,40}?\s)??(?:@(?<tags>\S+)\s+)?(?::(?<nick>[^\s!]+)(?:!\S*)?\s+)?(?<verb>PRIVMSG|NOTICE)\s+(?<target>\S+)\s+:?(?<text>.*)$/;
// irssi   12:34 <@nick> TEXT     ZNC, mIRC [12:34:56] <nick> TEXT     HexChat  Jan 02 03:04:05 <nick> TEXT
const ANGLED = /^[^<{]{0,40}<\s*[~&@%+]?(?<nick>[^\s<>]+)>\s(?<text>.*)$/;
// weechat  2026-01-02 03:04:05 TAB @nick TAB TEXT
const TABBED = /^(?<time>[^\t{]{0,40})\t[~&@%+]?(?<nick>[^\s{]+)\t(?<text>.*)$/;
const CHANNEL_SIGNS = "#&+!";

/** null: there is no IRC-IoT in it. */
export function parseLogLine(line: string): LogLine | null {
  const found = parseAny(line.replace(/[\r\n]+$/, ""));
  return found !== null && MESSAGE.test(found.text) ? found : null;
}

function parseAny(line: string): LogLine | null {
  if (MESSAGE.test(line)) return { ...nothing, text: line };
  const raw = RAW.exec(line)?.groups;
  if (raw !== undefined) return rawLine(raw);
  const said = (ANGLED.exec(line) ?? TABBED.exec(line))?.groups;
  return said === undefined ? null : { ...nothing, nick: said.nick, text: said.text };
}

const nothing: LogLine = { nick: "", channel: null, account: null, time: null, isNotice: false, text: "" };

function rawLine({ tags = "", nick = "", verb, target, text }: Record<string, string | undefined>): LogLine {
  const tagged = new Map(tags.split(";").map((tag) => splitTag(tag)));
  return {
    nick,
    channel: CHANNEL_SIGNS.includes((target ?? "")[0]) ? (target ?? null) : null,
    account: tagged.get("account") ?? null,
    time: tagged.get("time") ?? null,
    isNotice: verb === "NOTICE",
    text: text ?? "",
  };
}

function splitTag(tag: string): [string, string] {
  const equals = tag.indexOf("=");
  return equals < 0 ? [tag, ""] : [tag.slice(0, equals), tag.slice(equals + 1)];
}
