/**
 * Reads and writes an open serial port at its descriptor, in place of bindings-cpp.
 *
 * serialport opens every port non-blocking, so a call returns at once, and a call is cheap: bindings-cpp 13 has a thread of
 * Node's pool make each, which takes more CPU than all we do with the bytes. And a tty that was hung up reads as end of file,
 * 0 bytes, which it takes for "nothing yet" and reads again, for ever: full CPU, growing memory, no 'close' (bindings-cpp#162).
 */
import { readSync, writeSync } from "node:fs";
import type { SerialPort } from "serialport";

type PollEvent = "readable" | "writable";

/** libuv's, as the poller takes them. */
const FLAGS: Readonly<Record<PollEvent, number>> = { readable: 1, writable: 2 };
const EVENTS = Object.keys(FLAGS) as PollEvent[];

/** What we need of bindings-cpp's port on Linux and macOS. */
export interface UnixPort {
  readonly fd: number | null;
  readonly poller: {
    once(event: PollEvent, callback: (error: Error | null) => void): unknown;
    /** From now on for these, and for no others. */
    poll(flags: number): void;
    listenerCount(event: PollEvent): number;
  };
  /** What its drain() waits for first. */
  writeOperation: Promise<void> | null;
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
  write(buffer: Buffer): Promise<void>;
}

/** For an open port; elsewhere than on Unix it changes nothing. */
export function useDescriptor(port: SerialPort): void {
  const unix = port.port as unknown as Partial<UnixPort> | undefined;
  if (typeof unix?.fd !== "number" || unix.poller === undefined) return;
  const open = unix as UnixPort;
  open.read = (buffer, offset, length) => readOnce(open, buffer, offset, length);
  open.write = (buffer) => {
    open.writeOperation = writeAll(open, buffer);
    return open.writeOperation;
  };
}

const HUNG_UP = "the device hung up";
/** What libuv makes of EPOLLERR, which a tty that was hung up shows. */
const BAD_DESCRIPTOR = "bad file descriptor";
const AGAIN: readonly unknown[] = ["EAGAIN", "EWOULDBLOCK", "EINTR"];

/** One read a turn of the event loop, however much there is: a port must not keep all others waiting. */
async function readOnce(port: UnixPort, buffer: Buffer, offset: number, length: number) {
  for (;;) {
    if (port.fd === null) throw notOpen();
    await until(port, "readable");
    const bytesRead = untilAgain(() => readSync(openDescriptor(port), buffer, offset, length, null));
    // With VMIN 1, as serialport sets it, a live port without data says EAGAIN, never 0 bytes.
    if (bytesRead === 0) throw new Error(HUNG_UP);
    if (bytesRead !== undefined) return { buffer, bytesRead };
  }
}

async function writeAll(port: UnixPort, buffer: Buffer): Promise<void> {
  for (let at = 0; at < buffer.length; ) {
    const written = untilAgain(() => writeSync(openDescriptor(port), buffer, at));
    // A driver that took nothing has no room either.
    if (!written) await until(port, "writable");
    else at += written;
  }
}

/** What `call` returns; undefined when it has to be made again once the port is ready. */
function untilAgain(call: () => number): number | undefined {
  try {
    return call();
  } catch (error) {
    if (AGAIN.includes((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}

/** Never one that was closed: its number may be another file's by now. */
function openDescriptor({ fd }: UnixPort): number {
  if (fd === null) throw notOpen();
  return fd;
}

/** Closed by ourselves, which is no disconnection. */
function notOpen(): Error {
  return Object.assign(new Error("Port is not open"), { canceled: true });
}

/** Rejects when the port is closed meanwhile, or broken. */
function until({ poller }: UnixPort, event: PollEvent): Promise<void> {
  return new Promise((resolve, reject) => {
    poller.once(event, (error) => (error ? reject(inOurWords(error)) : resolve()));
    // once() alone has the poller wait for this event only: a write that waits for room would do so for ever.
    const waited = EVENTS.filter((one) => poller.listenerCount(one) > 0);
    poller.poll(waited.reduce((flags, one) => flags | FLAGS[one], 0));
  });
}

function inOurWords(error: Error): Error {
  return error.message === BAD_DESCRIPTOR ? new Error(HUNG_UP, { cause: error }) : error;
}
