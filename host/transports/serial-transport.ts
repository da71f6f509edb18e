/** A Transport over a serial port, by the package serialport. */
import type { SerialPort } from "serialport";
import { keepLinesAtClose, openPort, pulseReset } from "./serial-port.ts";
import { type StreamTransport, streamTransport } from "./stream-transport.ts";

// Must leave room in the 2 s within which an unplugged board is back (serial-port-keeper).
const CLOSE_GRACE_MS = 250;

export interface SerialOptions {
  path: string;
  /** Bits a second. */
  baud: number;
  /** Whether this opening resets the board by DTR and RTS. DTR stays up at close, so that no other opening does. */
  resetOnOpen: "never" | "always";
}

/**
 * Opens the port, with an exclusive lock and every byte as it is.
 * Rejects with a BowlineError: SERIAL_NOT_FOUND, SERIAL_PERMISSION, SERIAL_BUSY, SERIAL_OPEN_FAILED, SERIAL_UNAVAILABLE.
 */
export async function openSerial({ path, baud, resetOnOpen }: SerialOptions): Promise<StreamTransport> {
  const port = await openPort(path, baud);
  // A program of its own, which on a busy machine takes its time: the board is heard meanwhile, only closing waits for it.
  const kept = keepLinesAtClose(path);
  const close = () => void kept.then(() => closePort(port));
  const sort = {
    afterFlush: () => void port.drain(close),
    // Closing waits for what the kernel still holds, 30 s and in one of Node's four threads, if the board does not read.
    abort: () => void port.flush(close),
    graceMs: CLOSE_GRACE_MS,
  };
  const transport = streamTransport(port, sort, { name: `serial ${path}`, remoteAddress: "" });
  if (resetOnOpen === "always") await pulseReset(port);
  port.read(0); // into the stream's own buffer, where it waits for start()
  return transport;
}

/** Closing what is closed already calls back with an error that says just that. */
function closePort(port: SerialPort): void {
  port.close(() => {});
}
