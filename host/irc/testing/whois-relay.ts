/**
 * A relay between a gateway and ngircd that adds to WHOIS what other servers tell there: the certificate of who is asked
 * about (276), which ngircd shows to operators of the server alone, and the services account (330), for it has no services.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Paper {
  account?: string;
  certfp?: string;
}

const HOST = "127.0.0.1";
const BEGIN = /^:(\S+) 311 (\S+) (\S+) /;

export class WhoisRelay {
  /** By nick: whoever has it now. */
  readonly papers = new Map<string, Paper>();
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  /** `port`: of the server. -> where gateways go instead. */
  async start(port: number): Promise<number> {
    const server = createServer((client) => {
      const upstream = connect(port, HOST);
      this.carry(client, upstream, (line) => line);
      this.carry(upstream, client, (line) => line + this.added(line));
    });
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    this.server = server;
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private added(line: string): string {
    const [, server, asker, nick] = BEGIN.exec(line) ?? [];
    const { account, certfp } = this.papers.get(nick ?? "") ?? {};
    const lines = [
      ...(account === undefined ? [] : [`:${server} 330 ${asker} ${nick} ${account} :is logged in as\r\n`]),
      ...(certfp === undefined
        ? []
        : [`:${server} 276 ${asker} ${nick} :has client certificate fingerprint ${certfp}\r\n`]),
    ];
    return lines.join("");
  }

  private carry(from: Socket, to: Socket, pass: (line: string) => string): void {
    this.sockets.add(from);
    let rest = "";
    from.on("data", (chunk) => {
      const lines = (rest + chunk.toString("latin1")).split("\n");
      rest = lines.pop()!;
      for (const line of lines) to.write(pass(`${line}\n`), "latin1");
    });
    from.on("error", () => {}); // close follows
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroySoon();
    });
  }
}
