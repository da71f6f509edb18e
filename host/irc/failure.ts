/** Why a network cannot be had, in words, with what mends it. */
import type { Failure } from "./settings.ts";

/** Those that trying again soon makes worse: a password refused is a lock, a ban a longer one. */
const refusals = new Set(["IRC_BANNED", "IRC_PASSWORD", "IRC_SASL_FAILED", "IRC_NICK_INVALID"]);

export function isRefusal({ code }: Failure): boolean {
  return refusals.has(code);
}

/** `error`: of the socket. */
export function unreachable(where: string, error: Error, isTls: boolean): Failure {
  const { code = "", message } = error as NodeJS.ErrnoException;
  // A server in the clear answers the first packet of TLS with words of IRC, or waits for ours and then closes.
  if (isTls && /before secure TLS|wrong version number|packet length too long/i.test(message)) {
    const mend = "is there no TLS on that port? irc.tls: false, or another irc.port (TLS is mostly on 6697)";
    return failure("IRC_TLS", `connecting to ${where}: it does not speak TLS: ${message}`, mend);
  }
  if (/ALTNAME|HOSTNAME_MISMATCH/.test(code)) {
    const mend = "irc.tls.servername is a name that its certificate has";
    return failure("IRC_TLS", `connecting to ${where}: its certificate is another's: ${message}`, mend);
  }
  if (isCertificateError(code)) {
    const mend = `openssl s_client -connect ${where} -showcerts </dev/null, and irc.tls.ca names who signed it`;
    return failure("IRC_TLS", `connecting to ${where}: its certificate: ${message} (${code})`, mend);
  }
  const mend = "irc.host and irc.port name a server that runs and can be reached";
  return failure("IRC_UNREACHABLE", `connecting to ${where}: ${reasons[code] ?? (message || code)}`, mend);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "no host has that name",
  EAI_AGAIN: "no name server answers",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "no way leads to that host",
  ENETUNREACH: "no way leads to that network",
  ECONNRESET: "the connection was cut",
};

function isCertificateError(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_(TLS|SSL|OSSL)_|^EPROTO$/.test(code);
}

/** Neither ERROR nor a numeric came before it. */
export function closedSilently(where: string, isRegistered: boolean, isTls: boolean): Failure {
  const mend = isRegistered || isTls ? "" : "does that port want TLS? irc.tls: true, or another irc.port";
  return failure("IRC_CLOSED", `${where} closed the connection without a word`, mend);
}

/** What mends that a channel is closed to us, by the numeric that its reason begins with; "": time may. */
export function channelMend(reason: string): string {
  const mends: Record<string, string> = {
    "473": "an operator of the channel invites us, or takes +i off",
    "474": "an operator of the channel takes the ban off",
    "475": "irc.channelKeys has its key: { channel, keyFile }",
    "477": "irc.sasl logs us in: the channel is for registered nicks",
  };
  return mends[reason.slice(0, 3)] ?? "";
}

export function saslFailure(reason: "missing" | "mechanism" | "refused", said: string): Failure {
  const texts = {
    missing: "the server offers no SASL, and without it we do not register",
    mechanism: "the server does not know our SASL mechanism",
    refused: "the server refused our SASL login",
  };
  const mends = {
    missing: "services may be away: it is tried again; irc.sasl is left out where the network has none",
    mechanism:
      "irc.sasl has user and password (PLAIN), or mechanism: EXTERNAL with irc.tls.cert and irc.tls.key",
    refused: "irc.sasl: user and password, or the certificate that the account has (NickServ CERT ADD)",
  };
  return {
    code: reason === "refused" ? "IRC_SASL_FAILED" : "IRC_SASL_MISSING",
    text: `logging in: ${texts[reason]}${said === "" ? "" : `: ${said}`}`,
    mend: mends[reason],
  };
}

/** What the server said last before it closed, in ERROR or a numeric. */
export function closedBy(said: string): Failure {
  if (/\b([KGZD]|AK|Q)-?lined?\b|\bbanned\b/i.test(said))
    return failure("IRC_BANNED", `the server has banned us: ${said}`, "ask an operator of the network");
  if (/\bkilled\b/i.test(said)) return failure("IRC_KILLED", `an operator has ended our connection: ${said}`);
  if (/flood|sendq/i.test(said))
    return failure(
      "IRC_FLOOD",
      `we spoke too fast: ${said}`,
      "lower irc.flood.linesPerMinute or irc.flood.burst",
    );
  if (/\b(bad|invalid|wrong|incorrect) password\b|\bpassword (mismatch|incorrect)\b/i.test(said))
    return passwordRefused(said);
  return failure("IRC_CLOSED", `the server closed the connection: ${said}`);
}

export function passwordRefused(said: string): Failure {
  const mend = "irc.passwordFile names a file with the password of the server, not of services (irc.sasl)";
  return failure("IRC_PASSWORD", `the server refused its password: ${said}`, mend);
}

export function failure(code: string, text: string, mend = ""): Failure {
  return { code, text, mend };
}
