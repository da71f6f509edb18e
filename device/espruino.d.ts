/**
 * What a board has and Bowline uses, for firmware 2v28 and later. Some boards lack some of it: USB and LED1 may be
 * absent, so ask `typeof` first. Ambient, because esbuild would refuse rest parameters in a `.ts` (espruino §1.3).
 */

/** A byte string, a view, a number, or arrays of them: what the board flattens into bytes. */
type Flattened = string | ArrayBufferView | ArrayBuffer | number | Flattened[];

type ErrorFlag = "FIFO_FULL" | "BUFFER_FULL" | "CALLBACK" | "LOW_MEMORY" | "MEMORY" | "UART_OVERFLOW";

interface Pin {
  read(): boolean;
  write(value: number | boolean): void;
  set(): void;
  reset(): void;
  toggle(): boolean;
  getMode(): string;
}
declare const Pin: { new (name: string): Pin };
/** A pin, or the name of one: "B3", "D13". */
type PinName = Pin | string;

declare const LED1: Pin;
declare const LED2: Pin;
declare const LED3: Pin;
declare const BTN1: Pin;
declare function digitalRead(pin: PinName): number;
declare function digitalWrite(pin: PinName, value: number | boolean): void;
/** 0…1, or NaN on a pin without a converter. */
declare function analogRead(pin: PinName): number;
/** Toggles the pin for each of the times, in ms. */
declare function digitalPulse(pin: PinName, value: number | boolean, ms: number | number[]): void;
declare function analogWrite(pin: PinName, value: number, options?: { freq?: number }): void;
declare function pinMode(pin: PinName, mode?: string): void;
declare function getPinMode(pin: PinName): string;
interface WatchEvent {
  state: boolean;
  time: number;
  lastTime: number;
  pin: Pin;
}
type WatchEdge = "rising" | "falling" | "both";
declare function setWatch(
  callback: (event: WatchEvent) => void,
  pin: PinName,
  options?: { repeat?: boolean; edge?: WatchEdge; debounce?: number },
): number;
declare function clearWatch(id?: number): void;

declare function setInterval(callback: (...args: any[]) => void, ms: number, ...args: any[]): number;
declare function setTimeout(callback: (...args: any[]) => void, ms: number, ...args: any[]): number;
declare function changeInterval(id: number, ms: number): void;
declare function clearInterval(id: number): void;
declare function clearTimeout(id: number): void;
/** Seconds with a fraction; jumps when setTime() is called, so take differences only. */
declare function getTime(): number;
declare function setTime(seconds: number): void;

/** A bus for sensors and displays; `bitrate` in bit/s. The board's own are I2C1, I2C2, …; new I2C() is made in software. */
interface I2C {
  setup(options: { scl: Pin; sda: Pin; bitrate?: number }): void;
  writeTo(address: number, ...data: Flattened[]): void;
  /** Throws when nobody answers. */
  readFrom(address: number, count: number): Uint8Array;
  /** Writes the number of a register, then reads. */
  readReg(address: number, register: number, count: number): Uint8Array;
}
declare const I2C: { new (): I2C };
declare const I2C1: I2C;
declare const I2C2: I2C;

interface SPI {
  setup(options: {
    sck: Pin;
    miso?: Pin;
    mosi?: Pin;
    baud?: number;
    mode?: 0 | 1 | 2 | 3;
    order?: "msb" | "lsb";
  }): void;
  /** Gives what came in while `data` went out; `select` is low meanwhile. */
  send(data: number, select?: Pin): number;
  send(data: Flattened, select?: Pin): Uint8Array;
  write(...dataAndSelect: (Flattened | Pin)[]): void;
}
declare const SPI: { new (): SPI };
declare const SPI1: SPI;
declare const SPI2: SPI;

/** The bus of DS18B20 and the like. */
interface OneWire {
  /** The addresses of all that answer. */
  search(command?: number): string[];
  reset(): boolean;
  select(address: string): void;
  /** Speaks to all. */
  skip(): void;
  write(data: Flattened, isPowered?: boolean): void;
  read(): number;
  read(count: number): Uint8Array;
}
declare const OneWire: { new (pin: Pin): OneWire };

/** A serial port. 'data' brings a byte string of 1…64 characters; without `force` and with it on, the console may move. */
interface Serial {
  setup(
    baud: number,
    options?: { path?: string; rx?: Pin; tx?: Pin; bytesize?: number; errors?: boolean },
  ): void;
  on(event: "data", listener: (chunk: string) => void): void;
  removeAllListeners(event?: string): void;
  write(...data: Flattened[]): void;
  setConsole(force?: boolean): void;
}
declare const Serial1: Serial;
declare const USB: Serial | undefined;
declare const Bluetooth: Serial | undefined;

declare const E: {
  /** zlib's CRC-32 of one view or string; it does not flatten arrays (espruino §1.2). */
  CRC32(data: string | ArrayBufferView): number;
  toString(...data: Flattened[]): string;
  toUint8Array(...data: Flattened[]): Uint8Array;
  /** A view of the string's bytes, no copy. */
  toArrayBuffer(text: string): ArrayBuffer;
  setConsole(device: Serial | string | null, options?: { force?: boolean }): void;
  getConsole(): string | null;
  getTemperature(): number;
  getAnalogVRef(): number;
  getErrorFlags(): ErrorFlag[];
  on(event: "errorFlag", listener: (flags: ErrorFlag[]) => void): void;
  on(event: "init" | "kill", listener: () => void): void;
  removeListener(event: string, listener: (...args: never[]) => void): void;
  removeAllListeners(event?: string): void;
  enableWatchdog(seconds: number, isAutomatic?: boolean): void;
  kickWatchdog(): void;
  /** Free of a pattern that a power cycle repeats: 32 bits of noise. */
  hwRand(): number;
  getAddressOf(value: unknown, flat: boolean): number;
  reboot(): void;
};

interface MemoryUsage {
  free: number;
  usage: number;
  total: number;
  history: number;
  /** Bytes of the input buffers; from 2v30 on. */
  rx?: { used: number; total: number };
}
declare const process: {
  version: string;
  env: {
    VERSION: string;
    BOARD: string;
    /** Bytes; 0 on the Linux build. */
    RAM: number;
    FLASH: number;
    SERIAL: string;
    CONSOLE: string;
    MODULES: string;
  };
  /** In variables; collects garbage first unless told `false`. */
  memory(gc?: boolean): MemoryUsage;
};
declare function getSerial(): string;
/** Runs the saved code again. */
declare function load(file?: string): void;
/** Clears memory and stays at the prompt: the saved code does not run. */
declare function reset(clearFlash?: boolean): void;
declare function print(...values: unknown[]): void;
declare const console: { log(...values: unknown[]): void };
declare const global: { [name: string]: unknown };
declare function atob(text: string): string;
declare function btoa(bytes: string): string;

interface BoardStorage {
  read(name: string, offset?: number, length?: number): string | undefined;
  /** undefined when the file is missing, or `isQuiet` and it is no JSON. */
  readJSON(name: string, isQuiet?: boolean): unknown;
  /** Names have at most 28 characters. */
  write(name: string, data: Flattened, offset?: number, size?: number): boolean;
  writeJSON(name: string, value: unknown): boolean;
  erase(name: string): void;
  getFree(): number;
  list(): string[];
}
interface BoardCrypto {
  /** 32 bytes. */
  SHA256(bytes: Flattened): ArrayBuffer;
}
interface BoardSocket {
  on(event: "data", listener: (this: BoardSocket, chunk: string) => void): void;
  on(event: "close", listener: (this: BoardSocket, hadError: boolean) => void): void;
  on(event: "drain" | "end" | "error", listener: (this: BoardSocket) => void): void;
  /** A string only: a view would go out as the text "0,1,2" (espruino §4.3). False: wait for 'drain'. */
  write(bytes: string): boolean;
  end(bytes?: string): void;
}
interface BoardNet {
  /** May throw at once when the connection is refused. */
  connect(address: { host: string; port: number }, onConnected: (socket: BoardSocket) => void): BoardSocket;
}
interface BoardWifi {
  connect(ssid: string, options: { password?: string }, onDone: (error: string | null) => void): void;
  getIP(onDone?: (error: string | null, info: { ip: string }) => void): { ip: string };
  on(event: "connected" | "disconnected", listener: () => void): void;
}
declare function require(name: "Storage"): BoardStorage;
declare function require(name: "net"): BoardNet;
declare function require(name: "Wifi"): BoardWifi;
/** Throws on boards that do not have it. */
declare function require(name: "crypto"): BoardCrypto;
/** A module of the board's, or a file in its Storage; throws if there is none. */
declare function require(name: string): any;
