/** Lines between a board and the gateway that can be broken: two ptys with bytes carried between them, or a TCP proxy. */
import { FaultPlan } from "../chaos/fault-plan.ts";
import { FaultProxy } from "../chaos/fault-proxy.ts";
import type { FaultyLine } from "../transports/faulty.ts";
import { openPty } from "../transports/pty.ts";
import { freePort } from "./free-port.ts";

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

/** A proxy on 127.0.0.1 in front of `port`, itself on a free port unless one is named: that of one that has stopped. */
export async function tcpRelay(port: number, listenOn?: number): Promise<Relay> {
  const plan = new FaultPlan(0, Number.POSITIVE_INFINITY);
  const proxy = new FaultProxy({ plan, target: () => ({ host: "127.0.0.1", port }) });
  const address = await proxy.start({ host: "127.0.0.1", port: listenOn ?? (await freePort()) });
  return {
    boardEnd: String(address.port),
    gatewayEnd: String(port),
    get bytes() {
      return proxy.counts.bytes;
    },
    breakNow: () => proxy.cutAll("reset"),
    stop: () => proxy.stop(),
  };
}
