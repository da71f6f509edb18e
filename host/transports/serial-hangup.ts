/**
 * Makes an unplugged serial port say so.
 *
 * A tty that was hung up reads as end of file: 0 bytes. @serialport/bindings-cpp 13 takes that for "nothing yet" and
 * reads again, for ever: full CPU, growing memory, no 'close' (bindings-cpp#162). So we read in its place.
 */
import { read } from "node:fs";
import { promisify } from "node:util";
import type { SerialPort } from "serialport";

/** What we need of bindings-cpp's port on Linux and macOS. */
export interface UnixPort {
  readonly fd: number | null;
  readonly poller: { once(event: "readable", callback: (error: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/** For an open port; elsewhere than on Unix it changes nothing. */
export function noticeHangUp(port: SerialPort): void {
  const unix = port.port as unknown as Partial<UnixPort> | undefined;
  if (typeof unix?.fd !== "number" || unix.poller === undefined) return;
  unix.read = (buffer, offset, length) => readUnlessHungUp(unix as UnixPort, buffer, offset, length);
}

const readDescriptor = promisify(read);
const AGAIN: readonly unknown[] = ["EAGAIN", "EWOULDBLOCK", "EINTR"];

// With VMIN 1, as serialport sets it, a live port without data says EAGAIN, never 0 bytes.
async function readUnlessHungUp(port: UnixPort, buffer: Buffer, offset: number, length: number) {
  for (;;) {
    if (port.fd === null) throw Object.assign(new Error("Port is not open"), { canceled: true });
    try {
      const { bytesRead } = await readDescriptor(port.fd, buffer, offset, length, null);
      if (bytesRead > 0) return { buffer, bytesRead };
      throw new Error("the device hung up");
    } catch (error) {
      if (!AGAIN.includes((error as NodeJS.ErrnoException).code)) throw error;
    }
    await untilReadable(port);
  }
}

/** Rejects when the port is closed meanwhile, or broken. */
function untilReadable(port: UnixPort): Promise<void> {
  return new Promise((resolve, reject) => {
    if (port.fd === null) resolve();
    else port.poller.once("readable", (error) => (error ? reject(error) : resolve()));
  });
}
