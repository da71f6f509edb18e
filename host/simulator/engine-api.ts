/** The `E` of a simulated board. */
import { crc32 } from "node:zlib";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { flatten, toByteString } from "./bytes.ts";
import { Listeners } from "./listeners.ts";
import type { Run } from "./run.ts";
import type { Watchdog } from "./watchdog.ts";

const TEMPERATURE_C = 22;
const TEMPERATURE_SWING_C = 2;
const TEMPERATURE_PERIOD_S = 600;
const TEMPERATURE_STEP_C = 0.25; // as the sensors of nRF52 boards

export interface EngineOptions {
  seed: number;
  setConsole(device: "Serial1" | null): void;
  getConsole(): string | null;
  watchdog: Watchdog;
  /** The program asked for a restart. */
  onReboot(reason: string): void;
}

export interface EngineApi {
  readonly api: object;
  emit(event: string): void;
  /** Something went wrong with the board: 'errorFlag' is told, getErrorFlags() gives it once. */
  raise(flag: string): void;
}

export function createEngineApi(run: Run, options: EngineOptions): EngineApi {
  const listeners = new Listeners(run);
  const { watchdog } = options;
  const flags = new Set<string>();
  const phase = seededRandom(options.seed)() * 2 * Math.PI;
  const noise = seededRandom(options.seed ^ 0xe);
  const api = {
    ...listeners.api,
    enableWatchdog: (seconds: number, isAutomatic = true) => watchdog.enable(seconds, isAutomatic),
    kickWatchdog: () => watchdog.kick(),
    CRC32: (data: unknown) => {
      if (Array.isArray(data))
        throw new run.realm.Error("E.CRC32 does not flatten: on the board this is a wrong number");
      return crc32(flatten(data));
    },
    toString: (...data: unknown[]) => toByteString(flatten(...data)),
    toUint8Array: (...data: unknown[]) => new run.realm.Uint8Array(flatten(...data)),
    toArrayBuffer: (text: string) => new run.realm.Uint8Array(flatten(text)).buffer,
    setConsole: (device: unknown) => options.setConsole(device === null ? null : "Serial1"),
    getConsole: () => options.getConsole(),
    getTemperature: () => {
      const swing = Math.sin(phase + (run.uptimeS / TEMPERATURE_PERIOD_S) * 2 * Math.PI);
      return (
        Math.round((TEMPERATURE_C + TEMPERATURE_SWING_C * swing) / TEMPERATURE_STEP_C) * TEMPERATURE_STEP_C
      );
    },
    getAnalogVRef: () => 3.3,
    getErrorFlags: () => {
      const raised = run.realm.arrayOf(flags);
      flags.clear();
      return raised;
    },
    hwRand: () => randomInteger(noise, -(2 ** 31), 2 ** 31 - 1),
    getAddressOf: () => 1, // never 0: all memory is flat here
    reboot: () => options.onReboot("E.reboot()"),
  };
  return {
    api,
    emit: (event) => listeners.emit(event),
    raise: (flag) => {
      flags.add(flag);
      run.later(() => listeners.emit("errorFlag", run.realm.arrayOf([flag])));
    },
  };
}
