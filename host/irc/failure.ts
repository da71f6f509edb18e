/** Why a network cannot be had, in words, with what mends it. */
import type { Failure } from "./settings.ts";

/** Those that trying again soon makes worse: a password refused is a lock, a ban a longer one. */
const refusals = new Set(["IRC_BANNED", "IRC_PASSWORD", "IRC_SASL_FAILED", "IRC_NICK_INVALID"]);

export function isRefusal({ code }: Failure): boolean {
  return refusals.has(code);
}

/** `error`: of the socket. */
export function unreachable(where: string, error: Error): Failure {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (isCertificateError(code)) {
    const mend = `openssl s_client -connect ${where} -showcerts </dev/null, and irc.tls.ca names who signed it`;
    return {
      code: "IRC_TLS",
      text: `connecting to ${where}: its certificate: ${error.message} (${code})`,
      mend,
    };
  }
  return {
    code: "IRC_UNREACHABLE",
    text: `connecting to ${where}: ${error.message || code}`,
    mend: "irc.host and irc.port name a server that runs and can be reached",
  };
}

function isCertificateError(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|^ERR_(TLS|SSL|OSSL)_|^EPROTO$/.test(code);
}

export function saslFailure(reason: "missing" | "mechanism" | "refused", said: string): Failure {
  const texts = {
    missing: "the server offers no SASL, and without it we do not register",
    mechanism: "the server does not know our SASL mechanism",
    refused: "the server refused our SASL login",
  };
  const mends = {
    missing: "services may be away: it is tried again; irc.sasl is left out where the network has none",
    mechanism: "irc.sasl has user and password (PLAIN), or external: true with irc.tls.cert (EXTERNAL)",
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
    return failure("IRC_FLOOD", `we spoke too fast: ${said}`, "lower irc.flood.perS or irc.flood.burst");
  return failure("IRC_CLOSED", `the server closed the connection: ${said}`);
}

export function failure(code: string, text: string, mend = ""): Failure {
  return { code, text, mend };
}
