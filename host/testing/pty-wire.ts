/** Our end of a pseudo-terminal as a board's UART: it outlives the boards, or their restarts, that speak over it. */
import type { Pty } from "../transports/pty.ts";
import type { Transport, TransportHandler } from "../transports/transport.ts";

/** The wire, taken over by whoever calls the returned function; what comes in between is lost, as on a board that boots. */
export function ptyWire(pty: Pty): () => Transport {
  let current: TransportHandler | null = null;
  pty.onData((chunk) => current?.onChunk(chunk));
  return () => {
    let mine: TransportHandler | null = null;
    const isCurrent = () => mine !== null && current === mine;
    return {
      name: `pty ${pty.path}`,
      remoteAddress: "",
      start(handler) {
        mine = handler;
        current = handler;
      },
      write(chunk) {
        if (isCurrent()) pty.write(chunk);
        return true;
      },
      close() {
        if (isCurrent()) current = null;
      },
    };
  };
}
