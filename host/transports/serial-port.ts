/** A serial port, open: with an exclusive lock, every byte as it is, its lines as the board needs them. */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { SerialPort } from "serialport";
import { useDescriptor } from "./serial-descriptor.ts";
import { refuseShared, serialOpenError, serialUnavailable } from "./serial-errors.ts";

// Bytes that wait for the line here cannot be overtaken by a heartbeat: 4096 are 0.36 s at 115200 baud, serialport's
// own 64 KiB would be 5.7 s. It is also the most that one read brings, which is all that a tty holds.
const HIGH_WATER_BYTES = 4096;
// serialport reads into what is left of a pool: one of 4096 would make every second read a short one.
const READ_POOL_BYTES = 65_536;
const RESET_PULSE_MS = 100;
const STTY_TIMEOUT_MS = 1000;

/** Rejects with a BowlineError: SERIAL_NOT_FOUND, SERIAL_PERMISSION, SERIAL_BUSY, SERIAL_OPEN_FAILED, SERIAL_UNAVAILABLE. */
export async function openPort(path: string, baud: number): Promise<SerialPort> {
  await refuseShared(path); // before opening, which may already move DTR
  // Lazily: where the native part is missing, all but serial ports still works.
  const { SerialPort } = await import("serialport").catch((error) => {
    throw serialUnavailable(error);
  });
  const port = new SerialPort({
    path,
    baudRate: baud,
    lock: true,
    hupcl: false,
    xon: false,
    xoff: false,
    xany: false,
    rtscts: false,
    highWaterMark: HIGH_WATER_BYTES,
    autoOpen: false,
  });
  const failure = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (failure) throw await serialOpenError(path, failure);
  useDescriptor(port);
  port.settings.highWaterMark = READ_POOL_BYTES;
  return port;
}

/**
 * RTS alone pulls an ESP's reset, DTR going down that of Arduino-like boards. The lines then meet again by way of both
 * down, since RTS down with DTR up is an ESP's call for its boot loader.
 */
export async function pulseReset(port: SerialPort): Promise<void> {
  await setLines(port, false, true);
  await sleep(RESET_PULSE_MS);
  await setLines(port, false, false);
  await setLines(port, true, true);
}

/** Best effort: a pseudo-terminal has no such lines (ENOTTY). */
function setLines(port: SerialPort, dtr: boolean, rts: boolean): Promise<void> {
  return new Promise((resolve) => port.set({ dtr, rts }, () => resolve()));
}

/** serialport's `hupcl: false` only does not set the flag, which the kernel sets by itself. Best effort. */
export function keepLinesAtClose(path: string): Promise<void> {
  return new Promise((resolve) => {
    execFile("stty", ["-F", path, "-hupcl"], { timeout: STTY_TIMEOUT_MS }, () => resolve());
  });
}
