/** A line of IRC in its parts (RFC 1459 §2.3.1). */

export interface IrcWords {
  /** The nick, or the server; "" of a line that we said. */
  who: string;
  command: string;
  /** Of what is said: the nick or channel it is said to. */
  target: string;
  text: string;
}

const spoken = new Set(["PRIVMSG", "NOTICE"]);

export function wordsOfLine(line: string): IrcWords {
  const [, who = "", command, rest] = /^(?::([^ !]*)\S* +)?(\S*) *(.*)$/s.exec(line) ?? ["", "", "", line];
  if (!spoken.has(command.toUpperCase()))
    return { who, command, target: "", text: rest.replace(/(^| ):/, "$1") };
  const [, target, text] = /^(\S*) *:?(.*)$/s.exec(rest) ?? ["", "", rest];
  return { who, command, target, text };
}
