/** One connection to the server, from the first byte to the last: irc-framework's client over our transport, guarded. */
import type { IrcClient, IrcMessage } from "irc-framework/src/client.js";
import type { Log } from "../platform/log.ts";
import { guarded, RegistrationGuard } from "./registration-guard.ts";
import type { Failure, IrcNetworkSettings } from "./settings.ts";
import { SocketTransport, type TransportCounts } from "./socket-transport.ts";

export interface Traffic extends TransportCounts {
  /** Lines of the server that were longer than it may send. */
  tooLong: number;
  /** Lines that could not be understood, and what a listener made of one that ended in an error. */
  faults: number;
}

export interface ConnectionEvents {
  /** TCP, and TLS where wanted: registration begins. */
  onOpen(): void;
  /** Every line of both ways as it stands on the wire. */
  onLine(way: "in" | "out", line: string): void;
  /** Every line of the server, in order. */
  onMessage(message: IrcMessage): void;
  /** The login came to nothing; the connection ends. */
  onFailure(failure: Failure): void;
  /** Once. `error`: of the socket. */
  onClosed(error: Error | false): void;
}

export class Connection {
  private readonly transport: SocketTransport;
  private faults = 0;
  private readonly client: IrcClient;
  private readonly guard: RegistrationGuard;
  private isOver = false;

  /** `Client`: irc-framework's, which is loaded only where there is IRC. */
  constructor(
    Client: typeof IrcClient,
    private readonly settings: IrcNetworkSettings,
    private readonly events: ConnectionEvents,
    private readonly log: Log,
  ) {
    this.transport = new SocketTransport(settings, (way, line) => events.onLine(way, line));
    this.client = new Client();
    this.guard = new RegistrationGuard(
      settings.sasl,
      this.client.network.cap,
      (line) => this.write(line),
      (failure) => this.fail(failure),
    );
    this.client.raw_middleware.use((_command, message) => this.take(message));
  }

  /** Of services, that we are logged in to. */
  get account(): string | null {
    return this.guard.account;
  }

  get traffic(): Traffic {
    const { counts, tooLong } = this.transport;
    return { ...counts, tooLong, faults: this.faults };
  }

  hasCapability(name: string): boolean {
    return this.client.network.cap.isEnabled(name);
  }

  /** ISUPPORT; undefined: the server says nothing of it. */
  option(name: string): unknown {
    return this.client.network.options[name];
  }

  open(): void {
    const { transport, events, settings } = this;
    transport.on("close", (error: Error | false) => {
      this.isOver = true;
      events.onClosed(error);
    });
    transport.on("open", () => events.onOpen());
    this.client.connect({
      nick: settings.nick,
      username: settings.user,
      gecos: settings.realname,
      password: settings.password,
      account: settings.sasl?.mechanism === "PLAIN" ? account(settings) : {},
      sasl_mechanism: settings.sasl?.mechanism,
      enable_chghost: true,
      auto_reconnect: false,
      ping_interval: 0,
      ping_timeout: 0,
      transport: function useOurs() {
        return transport;
      } as unknown as new () => SocketTransport,
    });
  }

  /** One line, exactly. */
  write(line: string): void {
    if (!this.isOver) this.client.raw(line);
  }

  /** What was written leaves first, unless it is forced. */
  close(isForced: boolean): void {
    this.transport.close(isForced);
  }

  private fail(failure: Failure): void {
    if (this.isOver) return;
    this.isOver = true;
    this.events.onFailure(failure);
    this.transport.close(true);
  }

  /** Neither a line of the server nor what a listener makes of it ends the gateway. */
  private take(message: IrcMessage): void {
    if (this.isOver) return;
    try {
      if (guarded.has(message.command)) this.negotiate(message);
      if (!this.isOver) this.events.onMessage(message);
    } catch (error) {
      // The first is logged with all that is known, the others are counted: a server could make any number.
      if (this.faults++ === 0)
        this.log.error(
          { err: error, command: message.command },
          "a line of the IRC server ended in an error",
        );
    }
  }

  private negotiate(message: IrcMessage): void {
    const seen = this.guard.filter(message);
    // What was refused has ended the connection.
    if (seen === null || this.isOver) return;
    this.client.command_handler.dispatch(seen);
    this.guard.after(seen);
  }
}

function account({ sasl }: IrcNetworkSettings) {
  return { account: sasl?.user ?? "", password: sasl?.password ?? "" };
}
