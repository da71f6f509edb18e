/**
 * TLS in front of a listener: raw sockets in, secure ones out, each with the names its certificate proves. A handshake
 * that fails or takes too long ends here.
 */
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { certificateNames } from "./certificate-names.ts";
import type { TlsMaterial } from "./tls-files.ts";

/** As long as the session's own handshake may take (session §1). */
const HANDSHAKE_MS = 5000;

export class TlsGuard {
  private readonly server: Server;
  /** Handshakes that run, by the far end, for the secure socket does not tell of the raw one. */
  private readonly running = new Map<string, { socket: Socket; end: (isSecure: boolean) => void }>();

  constructor(material: TlsMaterial, onSecure: (socket: TLSSocket, names: readonly string[]) => void) {
    const options = {
      ...material,
      minVersion: "TLSv1.2" as const,
      handshakeTimeout: HANDSHAKE_MS,
      // Who has no certificate may still have a key.
      requestCert: material.ca !== undefined,
      rejectUnauthorized: false,
    };
    this.server = createServer(options, (socket) => {
      this.end(farEnd(socket), true);
      onSecure(socket, namesOf(socket));
    });
    // Timeouts, plain text, peers that hang up: nothing that is ours to mend, and the socket is of no more use.
    this.server.on("tlsClientError", (_, socket) => socket.destroy());
  }

  /** Takes over a raw socket. Resolves when its handshake is over; true: it is secure. */
  secure(socket: Socket): Promise<boolean> {
    const name = farEnd(socket);
    return new Promise((end) => {
      this.running.set(name, { socket, end });
      socket.once("close", () => this.end(name, false));
      this.server.emit("connection", socket);
    });
  }

  /** Ends the handshakes that still run. */
  stop(): void {
    for (const { socket } of this.running.values()) socket.destroy();
  }

  private end(name: string, isSecure: boolean): void {
    this.running.get(name)?.end(isSecure);
    this.running.delete(name);
  }
}

function farEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Those of a certificate that our authority signed; none of any other. */
function namesOf(socket: TLSSocket): readonly string[] {
  return socket.authorized ? certificateNames(socket.getPeerCertificate()) : [];
}
