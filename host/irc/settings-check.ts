/** Settings that no server takes are a wrong call. */
import { isChannelName, isNick, isOneLine } from "./names.ts";
import type { IrcNetworkSettings } from "./settings.ts";

/** Throws a RangeError that names the first. */
export function refuseWrong(settings: IrcNetworkSettings): void {
  for (const [name, seen, isRight, allowed] of claims(settings))
    if (!isRight) throw new RangeError(`irc.${name}: ${JSON.stringify(seen)}; ${allowed}`);
}

type Claim = readonly [name: string, seen: unknown, isRight: boolean, allowed: string];

function* claims(settings: IrcNetworkSettings): Generator<Claim> {
  const { host, port, nick, user, realname, password, channels, sasl, tls, flood } = settings;
  yield ["host", host, isWord(host), "a name or an address is allowed"];
  yield ["port", port, Number.isInteger(port) && port > 0 && port < 65_536, "1 to 65535 is allowed"];
  yield ["nick", nick, isNick(nick), "a nick is allowed: no blank, none of , ! @ * ? : #"];
  yield ["user", user, isWord(user) && !/[@!:]/.test(user), "one word without @, ! and : is allowed"];
  yield [
    "realname",
    realname,
    realname !== "" && isOneLine(realname),
    "one line is allowed, and not an empty one",
  ];
  // PASS has one parameter, and an error must not show it.
  if (password !== undefined) yield ["password", "…", isWord(password), "one word is allowed"];
  for (const { name, key } of channels) {
    yield ["channels", name, isChannelName(name, "#&+!"), 'the name of a channel is allowed, such as "#lab"'];
    if (key !== undefined)
      yield ["channels", name, isWord(key) && !/[,:]/.test(key), "its key is one word without , and :"];
  }
  if (sasl !== null) {
    const isPlain = sasl.mechanism === "PLAIN";
    yield [
      "sasl",
      sasl.user,
      !isPlain || Boolean(sasl.user && sasl.password),
      "PLAIN needs user and password",
    ];
    yield [
      "sasl",
      "EXTERNAL",
      isPlain || (tls !== false && tls.cert !== undefined),
      "EXTERNAL needs irc.tls.cert and key",
    ];
  }
  yield ["flood", flood, flood.burst >= 1 && flood.perS > 0, "burst from 1, and perS above 0, is allowed"];
  yield ["maxQueue", settings.maxQueue, settings.maxQueue >= 1, "from 1 is allowed"];
  const { retryMinMs, retryMaxMs } = settings;
  yield ["retryMinMs", retryMinMs, retryMinMs >= 0 && retryMinMs <= retryMaxMs, "0 to retryMaxMs is allowed"];
}

function isWord(text: string): boolean {
  return text !== "" && isOneLine(text) && !text.includes(" ");
}
