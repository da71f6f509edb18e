/** Lines between a board and the gateway that can be broken: two ptys with bytes carried between them, or a TCP proxy. */
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { FaultyLine } from "../transports/faulty.ts";
import { openPty } from "../transports/pty.ts";

export interface Relay {
  /** Where each end opens it: paths, or a port for the board. */
  readonly boardEnd: string;
  readonly gatewayEnd: string;
  /** Bytes carried, both ways together. */
  readonly bytes: number;
  /** Loses what comes next in both directions, or cuts the connection. */
  breakNow(): void;
  stop(): Promise<void>;
}

/** Two pseudo-terminals joined; `faults` spoil what passes. */
export async function serialRelay(toGateway?: FaultyLine, toBoard?: FaultyLine): Promise<Relay> {
  const [board, gateway] = await Promise.all([openPty(), openPty()]);
  let bytes = 0;
  let isLosing = 0;
  const carry = (from: typeof board, to: typeof board, faults?: FaultyLine) =>
    from.onData((chunk) => {
      bytes += chunk.length;
      if (isLosing > 0) {
        isLosing--;
        return;
      }
      if (faults === undefined) to.write(chunk);
      else {
        faults.push(chunk);
        for (const piece of faults.take()) to.write(piece);
      }
    });
  carry(board, gateway, toGateway);
  carry(gateway, board, toBoard);
  return {
    boardEnd: board.path,
    gatewayEnd: gateway.path,
    get bytes() {
      return bytes;
    },
    breakNow() {
      isLosing = 2;
    },
    async stop() {
      await Promise.all([board.close(), gateway.close()]);
    },
  };
}

/** A proxy on 127.0.0.1 in front of `port`, itself on a free port unless one is named. */
export async function tcpRelay(port: number, listenOn = 0): Promise<Relay> {
  const sockets = new Set<Socket>();
  let bytes = 0;
  const server = createServer((board) => {
    const gateway = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [board, gateway],
      [gateway, board],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => {
        bytes += chunk.length;
        to.write(chunk);
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(listenOn, "127.0.0.1", resolve));
  const address = server.address() as { port: number };
  return {
    boardEnd: String(address.port),
    gatewayEnd: String(port),
    get bytes() {
      return bytes;
    },
    breakNow() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
