/**
 * Stands between the server and irc-framework's negotiation of capabilities, and mends what that gets wrong: it takes half an
 * answer for the whole, ends the negotiation before the login is over, registers without a login that was refused, and gives up
 * all capabilities when one is refused.
 *
 *   CAP LS ─▶ REQ all ─▶ ACK ─▶ AUTHENTICATE ─▶ 903 ─▶ END ─▶ 001
 *                └─ NAK ─▶ REQ one by one
 */
import type { Capabilities, IrcMessage } from "irc-framework/src/client.js";
import { failure, passwordRefused, saslFailure } from "./failure.ts";
import type { Failure, SaslSettings } from "./settings.ts";

/** What the guard lets pass or keeps; the rest never reaches irc-framework. */
export const guarded = new Set(
  ["CAP", "AUTHENTICATE", "PING", "001", "005"].concat([
    "900",
    "901",
    "902",
    "903",
    "904",
    "905",
    "906",
    "907",
    "908",
  ]),
);

export class RegistrationGuard {
  /** Of services; null: not logged in. */
  account: string | null = null;
  private isLoggedIn = false;
  private isRegistered = false;
  /** Asked for and not answered yet. */
  private asked = new Set<string>();
  private given = new Set<string>();
  private isOneByOne = false;
  private mechanisms = "";
  /** What the server says of sasl: its mechanisms, "" when it names none; undefined: it offers none. */
  private saslOffer: string | undefined;

  constructor(
    private readonly sasl: SaslSettings | null,
    private readonly capabilities: Capabilities,
    private readonly write: (line: string) => void,
    /** Ends the connection. */
    private readonly fail: (failure: Failure) => void,
  ) {}

  /** -> what irc-framework is to see of it; null: nothing. */
  filter(message: IrcMessage): IrcMessage | null {
    const { command } = message;
    if (command === "CAP") return this.capability(message);
    if (command === "AUTHENTICATE") return this.challenge(message);
    if (command === "001") return this.isRegistered ? null : this.welcome(message);
    return command[0] === "9" ? this.login(message) : message;
  }

  /** irc-framework has dealt with it. */
  after({ command, params }: IrcMessage): void {
    if (command !== "CAP" || params[1] !== "LS" || params[2] === "*" || this.isRegistered) return;
    this.asked = new Set(this.capabilities.requested);
    this.given.clear();
  }

  private capability(message: IrcMessage): IrcMessage | null {
    const kind = message.params[1];
    const names = (message.params.at(-1) ?? "").split(" ").filter((name) => name !== "");
    if (kind === "DEL") return message;
    // Later offers are not taken: what they would change is known only to a connection that began with them.
    if (this.isRegistered) return null;
    if (kind === "ACK") return this.answered(message, names, true);
    if (kind === "NAK") return this.isOneByOne ? this.answered(message, names, false) : this.askOneByOne();
    return kind === "LS" ? this.offered(message, names) : null;
  }

  private offered(message: IrcMessage, names: string[]): IrcMessage | null {
    const offer = names.find((name) => name === "sasl" || name.startsWith("sasl="));
    this.saslOffer ??= offer?.slice("sasl=".length);
    if (message.params[2] === "*" || this.sasl === null) return message;
    if (this.saslOffer === undefined) this.refuse("missing", "");
    else if (!this.isKnown(this.saslOffer)) this.refuse("mechanism", `it knows ${this.saslOffer}`);
    return message;
  }

  /** `mechanisms`: "" where the server does not say. */
  private isKnown(mechanisms: string): boolean {
    return mechanisms === "" || mechanisms.toUpperCase().split(",").includes(this.sasl!.mechanism);
  }

  /** Once all are answered irc-framework sees one answer that names what we have. */
  private answered(message: IrcMessage, names: string[], isGiven: boolean): IrcMessage | null {
    for (const name of names) {
      if (isGiven) this.given.add(name);
      this.asked.delete(name);
      if (!isGiven && name === "sasl" && this.sasl !== null) {
        this.refuse("missing", "it refused the capability sasl");
        return null;
      }
    }
    if (this.asked.size > 0) return null;
    const all = [...this.given];
    this.capabilities.requested = [...all];
    return {
      ...message,
      params: [message.params[0], all.length > 0 ? "ACK" : "NAK", all.join(" ") || "none"],
    };
  }

  private askOneByOne(): null {
    this.isOneByOne = true;
    for (const name of this.asked) this.write(`CAP REQ :${name}`);
    return null;
  }

  /** PLAIN and EXTERNAL are asked for nothing in particular. */
  private challenge(message: IrcMessage): IrcMessage | null {
    if (this.isRegistered || this.sasl === null) return null;
    if (message.params[0] === "+") return message;
    this.refuse("refused", "it asked for more than the mechanism has");
    return null;
  }

  private login(message: IrcMessage): IrcMessage | null {
    const { command, params } = message;
    const said = params.at(-1) ?? "";
    if (command === "900") this.account = params[2] ?? null;
    if (command === "901") this.account = null;
    if (this.isRegistered || this.sasl === null) return null;
    if (command === "903" || command === "907") {
      this.isLoggedIn = true;
      return { ...message, command: "903" };
    }
    if (command === "908") this.mechanisms = params[1] ?? "";
    if (command === "905" || command === "902" || command === "906") this.refuse("refused", said);
    if (command === "904") this.refuseLogin(said);
    return null;
  }

  private refuseLogin(said: string): void {
    if (this.isKnown(this.mechanisms)) this.refuse("refused", said);
    else this.refuse("mechanism", `it knows ${this.mechanisms}`);
  }

  private welcome(message: IrcMessage): IrcMessage | null {
    if (this.sasl !== null && !this.isLoggedIn) {
      this.refuse("missing", "it registered us without");
      return null;
    }
    this.isRegistered = true;
    return message;
  }

  private refuse(reason: "missing" | "mechanism" | "refused", said: string): void {
    this.fail(saslFailure(reason, said));
  }
}

/** Numerics that end the registration, each with what mends it. */
export function registrationFailure(command: string, said: string): Failure | null {
  if (command === "464") return passwordRefused(said);
  if (command === "465")
    return failure("IRC_BANNED", `the server has banned us: ${said}`, "ask an operator of the network");
  if (command === "432")
    return failure(
      "IRC_NICK_INVALID",
      `the server does not allow the nick: ${said}`,
      "choose another irc.nick",
    );
  return null;
}
