/** A line of IRC as people may read it: without tags, and without what would let its reader in somewhere. */

const MASK = "***";
/** A secret as short as this stands in too many words; the commands that carry it are masked all the same. */
const SHORTEST_SECRET = 4;

/** Answers of SASL that hold nothing: the mechanism, "go on", "stop". */
const harmlessAnswer = /^(PLAIN|EXTERNAL|SCRAM-[A-Z0-9-]+|[+*])$/;
/** Who is told passwords in words: services, whatever a network calls them. */
const service = /^((nick|chan|auth|oper|memo|user)?serv|authserv|ns|cs|q|x)(@.*)?$/i;
const serviceCommand = /^(NS|CS|NICKSERV|CHANSERV|AUTHSERV|OPERSERV|IDENTIFY|LOGIN)$/;

type Masking = (params: string) => string;

const all: Masking = () => MASK;
const first: Masking = (params) => (params.includes(" ") ? `${params.split(" ", 1)[0]} ${MASK}` : params);

/** What stands behind the command, masked; of commands that are not here all is shown. */
const maskings: Readonly<Record<string, Masking>> = {
  PASS: all,
  // Name and password, or the key of each channel.
  OPER: first,
  JOIN: first,
  AUTHENTICATE: (params) => (harmlessAnswer.test(params) ? params : MASK),
  MODE: maskKey,
  "324": maskKey,
  PRIVMSG: maskService,
  NOTICE: maskService,
};

/** `secrets`: passwords and keys that are known, masked wherever they stand. */
export function maskLine(line: string, secrets: readonly string[]): string {
  const [, prefix, command, rest] = /^(?:@\S* +)?(:\S* +)?(\S+)(.*)$/s.exec(line) ?? ["", "", line, ""];
  const name = command.toUpperCase();
  const mask = serviceCommand.test(name) ? maskWords : maskings[name];
  const params = rest.replace(/^ +/, "");
  const shown = params === "" ? "" : ` ${mask === undefined ? params : mask(params)}`;
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((text, secret) => text.replaceAll(secret, MASK), `${prefix ?? ""}${command}${shown}`);
}

/** Channel, modes, and their parameters, a key among them. */
function maskKey(params: string): string {
  const words = params.split(" ");
  const at = words.findIndex((word) => /^:?[+-][a-zA-Z+-]*$/.test(word));
  return at >= 0 && words[at].includes("k") && words.length > at + 1
    ? [...words.slice(0, at + 1), MASK].join(" ")
    : params;
}

function maskService(params: string): string {
  const [target] = params.split(" ", 1);
  return service.test(target) ? `${target} ${maskWords(params.slice(target.length + 1))}` : params;
}

/** The first word says what is asked; what follows may be a password. */
function maskWords(words: string): string {
  return first(words);
}
