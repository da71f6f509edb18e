/** A scripted person at an IRC client: joins, says, hears, and waits for what must come. */
import { readFileSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { PATIENCE_MS } from "../../platform/testing/patience.ts";

export interface PersonOptions {
  host?: string;
  port: number;
  nick: string;
  user?: string;
  channels?: readonly string[];
  /** Of the server. */
  password?: string;
  /** Paths. `ca`: whom to believe; `cert` and `key`: who the person is. */
  tls?: { ca: string; servername?: string; cert?: string; key?: string };
}

export interface Said {
  from: string;
  /** A channel, or the person's nick. */
  target: string;
  text: string;
}

interface Waiter {
  takes: (line: string) => boolean;
}

export class Person {
  /** Every line of the server, as it came. */
  readonly lines: string[] = [];
  /** What others said in PRIVMSG, in order. */
  readonly said: Said[] = [];
  /** Those of `said` that heard() has given out. */
  private readonly given = new Set<Said>();
  private readonly waiters = new Set<Waiter>();
  private rest: Buffer = Buffer.alloc(0);
  isClosed = false;

  private constructor(
    private readonly socket: Socket,
    public nick: string,
  ) {}

  /** -> when registered, and in all the channels. */
  static async connect(options: PersonOptions): Promise<Person> {
    const { nick, tls } = options;
    const to = { host: options.host ?? "127.0.0.1", port: options.port };
    const socket = tls === undefined ? connectTcp(to) : connectTls({ ...to, ...files(tls) });
    const person = new Person(socket, nick);
    socket.on("data", (chunk) => person.take(chunk));
    socket.on("error", () => {}); // close follows, and what waits says what did not come
    socket.on("close", () => {
      person.isClosed = true;
    });
    if (options.password !== undefined) person.send(`PASS ${options.password}`);
    person.send(`NICK ${nick}`);
    person.send(`USER ${options.user ?? nick} 0 * :${nick}`);
    await person.line(/^:\S+ 001 /);
    for (const channel of options.channels ?? []) await person.join(channel);
    return person;
  }

  /** -> when the server has told who is there. */
  async join(channel: string): Promise<void> {
    this.send(`JOIN ${channel}`);
    await this.line((line) => line.startsWith(":") && line.includes(` 366 ${this.nick} ${channel} `));
  }

  /** One line as it is, without its end. */
  send(line: string): void {
    this.socket.write(`${line}\r\n`);
  }

  say(target: string, text: string): void {
    this.send(`PRIVMSG ${target} :${text}`);
  }

  /**
   * What was said and contains the text, or fits; whether it has come already or is still to come. Each is given once, so a
   * second call waits for a second one.
   */
  async heard(what: string | ((said: Said) => boolean), ms = PATIENCE_MS): Promise<Said> {
    const fits = typeof what === "string" ? (said: Said) => said.text.includes(what) : what;
    const find = () => this.said.find((said) => !this.given.has(said) && fits(said));
    await this.waitUntil(() => find() !== undefined, `${what}`, ms);
    const said = find()!;
    this.given.add(said);
    return said;
  }

  /** The first line of the server that fits, from `since` on (an index of `lines`); come already or still to come. */
  async line(what: RegExp | ((line: string) => boolean), since = 0, ms = PATIENCE_MS): Promise<string> {
    const fits = typeof what === "function" ? what : (line: string) => what.test(line);
    const find = () => this.lines.slice(since).find(fits);
    await this.waitUntil(() => find() !== undefined, `${what}`, ms);
    return find()!;
  }

  /** -> when the server has taken everything that was sent before, and all that it sent meanwhile is here. */
  async settled(): Promise<void> {
    const token = `settled${this.lines.length}`;
    const since = this.lines.length;
    this.send(`PING ${token}`);
    await this.line((line) => line.includes(" PONG ") && line.endsWith(token), since);
  }

  async quit(): Promise<void> {
    if (this.isClosed) return;
    const closed = new Promise((resolve) => this.socket.once("close", resolve));
    this.send("QUIT :done");
    this.socket.end();
    await closed;
  }

  /** Gone without a word. */
  cut(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const end = this.rest.indexOf("\n");
      if (end < 0) return;
      const line = this.rest.toString("utf8", 0, end).replace(/\r$/, "");
      this.rest = this.rest.subarray(end + 1);
      this.lineCame(line);
    }
  }

  private lineCame(line: string): void {
    if (line.startsWith("PING ")) this.send(`PONG ${line.slice(5)}`);
    this.lines.push(line);
    const privmsg = /^(?:@\S+ )?:([^! ]+)\S* PRIVMSG (\S+) :?(.*)$/s.exec(line);
    if (privmsg !== null) this.said.push({ from: privmsg[1], target: privmsg[2], text: privmsg[3] });
    const nick = /^:([^! ]+)\S* NICK :?(\S+)$/.exec(line);
    if (nick !== null && nick[1] === this.nick) this.nick = nick[2];
    for (const waiter of this.waiters) waiter.takes(line);
  }

  private waitUntil(isThere: () => boolean, what: string, ms: number): Promise<void> {
    if (isThere()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        takes: () => {
          if (!isThere()) return false;
          finish();
          resolve();
          return true;
        },
      };
      const fail = (why: string) => {
        finish();
        const last = this.lines.slice(-5).join("\n  ");
        reject(new Error(`${this.nick} waited for ${what}: ${why}; the last lines were\n  ${last}`));
      };
      const onClose = () => fail("the connection ended");
      const timer = setTimeout(() => fail(`nothing in ${ms} ms`), ms);
      const finish = () => {
        clearTimeout(timer);
        this.socket.off("close", onClose);
        this.waiters.delete(waiter);
      };
      this.waiters.add(waiter);
      this.socket.once("close", onClose);
      if (this.isClosed) onClose();
    });
  }
}

function files(tls: NonNullable<PersonOptions["tls"]>) {
  return {
    ca: readFileSync(tls.ca),
    servername: tls.servername ?? "localhost",
    cert: tls.cert && readFileSync(tls.cert),
    key: tls.key && readFileSync(tls.key),
  };
}
