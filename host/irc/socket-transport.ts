/**
 * The bytes under irc-framework: a TCP connection, with TLS that is verified where it is wanted. In place of its own, which
 * has no bound for a line, cuts names out of certificates it does not check, and knows no authority but the system's.
 */
import { EventEmitter } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { LineCutter } from "./line-cutter.ts";
import { isOneLine } from "./names.ts";
import type { TlsSettings } from "./settings.ts";

export interface Server {
  host: string;
  port: number;
  tls: false | TlsSettings;
}

export interface TransportCounts {
  linesIn: number;
  linesOut: number;
  bytesIn: number;
  bytesOut: number;
}

/** Emits open, line (text), and close (the error, or false) once. */
export class SocketTransport extends EventEmitter {
  readonly counts: TransportCounts = { linesIn: 0, linesOut: 0, bytesIn: 0, bytesOut: 0 };
  private readonly cutter = new LineCutter();
  private socket: Socket | null = null;
  private error: Error | false = false;

  /** `onLine` sees each line as it leaves, or as it came. */
  constructor(
    private readonly server: Server,
    private readonly onLine: (way: "in" | "out", line: string) => void,
  ) {
    super();
  }

  get tooLong(): number {
    return this.cutter.tooLong;
  }

  connect(): void {
    try {
      this.attach(this.dial());
    } catch (error) {
      // Certificates that are none are found only here.
      setImmediate(() => this.emit("close", error));
    }
  }

  /** Its bytes and CR LF; a line that would be two is a wrong call. */
  writeLine(line: string, written?: () => void): boolean {
    if (!isOneLine(line)) throw new RangeError(`a line for IRC: ${JSON.stringify(line)}; no CR, LF or NUL`);
    if (this.socket === null || !this.socket.writable) return false;
    const bytes = Buffer.from(`${line}\r\n`);
    this.counts.linesOut++;
    this.counts.bytesOut += bytes.length;
    this.onLine("out", line);
    return this.socket.write(bytes, written && (() => written()));
  }

  close(isForced: boolean): void {
    if (isForced) this.socket?.destroy();
    else this.socket?.end();
  }

  disposeSocket(): void {
    this.socket?.destroy();
  }

  /** Only UTF-8 is spoken here. */
  setEncoding(): boolean {
    return true;
  }

  private dial(): Socket {
    const { host, port, tls } = this.server;
    return tls === false ? connect(port, host) : connectTls({ host, port, ...tlsOptions(host, tls) });
  }

  private attach(socket: Socket): void {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on(this.server.tls === false ? "connect" : "secureConnect", () => this.emit("open"));
    socket.on("data", (chunk) => this.take(chunk));
    socket.on("error", (error) => {
      this.error = error;
    });
    socket.on("close", () => this.emit("close", this.error));
  }

  private take(chunk: Buffer): void {
    this.counts.bytesIn += chunk.length;
    this.cutter.push(chunk, (line) => {
      this.counts.linesIn++;
      this.onLine("in", line);
      this.emit("line", line);
    });
  }
}

function tlsOptions(host: string, { ca, cert, key, servername }: TlsSettings) {
  const name = servername ?? (isIP(host) === 0 ? host : undefined);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert, key }),
    ...(name !== undefined && { servername: name }),
    rejectUnauthorized: true,
    minVersion: "TLSv1.2" as const,
  };
}
