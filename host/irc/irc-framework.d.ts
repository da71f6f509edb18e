/** Of irc-framework 4.14.0, which has no types: what is used here. Its client alone, without its sockets and code pages. */
declare module "irc-framework/src/client.js" {
  /** One line of the server. */
  export interface IrcMessage {
    tags: Record<string, string>;
    /** Who it comes from: a server's name, or a nick with user and host ("" when absent). */
    prefix: string;
    nick: string;
    ident: string;
    hostname: string;
    /** Upper case, or three digits. */
    command: string;
    params: string[];
  }

  export interface Capabilities {
    negotiating: boolean;
    /** Asked for, and not answered. */
    requested: string[];
    enabled: string[];
    /** What the server offers, with values. */
    available: Map<string, string>;
    isEnabled(name: string): boolean;
  }

  /** What it wants of a transport, beside the events open, line (text) and close (error or false). */
  export interface IrcTransport {
    removeAllListeners(): unknown;
    connect(): void;
    writeLine(line: string, written?: () => void): boolean;
    close(isForced: boolean): void;
    disposeSocket(): void;
    setEncoding(name: string): boolean;
  }

  export interface IrcClientOptions {
    nick: string;
    username: string;
    gecos: string;
    password?: string | undefined;
    /** An object without a name: no SASL PLAIN. Absent: it would be tried with the server's password. */
    account: { account?: string; password?: string };
    sasl_mechanism?: "PLAIN" | "EXTERNAL" | undefined;
    enable_chghost: boolean;
    auto_reconnect: false;
    /** 0: none. */
    ping_interval: 0;
    ping_timeout: 0;
    transport: new () => IrcTransport;
  }

  type Middleware = (
    command: string,
    message: IrcMessage,
    line: string,
    client: IrcClient,
    next: () => void,
  ) => void;

  export class IrcClient {
    constructor();
    readonly network: { options: Record<string, unknown>; cap: Capabilities };
    readonly command_handler: { dispatch(message: IrcMessage): void };
    readonly raw_middleware: { use(middleware: Middleware): void };
    connect(options: IrcClientOptions): void;
    /** One line, exactly. */
    raw(line: string): void;
  }

  const client: typeof IrcClient;
  export default client;
}
