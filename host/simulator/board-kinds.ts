/** Boards the simulated one can pass itself off as: what a program, a flasher or a person finds different about them. */
import type { FlashGeometry } from "./flash-memory.ts";

export interface BoardKind {
  /** process.env.BOARD and VERSION. */
  name: string;
  version: string;
  /** Bytes. */
  ram: number;
  /** Of the heap; those in use before any program is. */
  variables: number;
  usedVariables: number;
  /** Of Storage. */
  flash: FlashGeometry;
  /** Bytes the port takes in while the board is busy; what comes above them is lost. */
  inputBytes: number;
  /** Its console is on USB, which takes a moment to be there: what is printed until then waits. */
  startsInLimbo: boolean;
  /** What its loader says at power-on, before there is a console; at a speed of its own it is garbage. */
  bootNoise: string;
  /** Ctrl-C in running code ends at `debug>`; elsewhere the code just ends. */
  hasDebugger: boolean;
  /** BTN1 held at power-on keeps the saved program from running. */
  hasButton: boolean;
  /** The banner does not ask its owner for a donation. */
  isOfficial: boolean;
}

const kB = 1024;

/** Its own kind: as roomy as a Pico in RAM, with the Storage of the larger boards. */
const simulator: BoardKind = {
  name: "SIMULATOR",
  version: "2v29",
  ram: 96 * kB,
  variables: 5100,
  usedVariables: 120,
  flash: { pageBytes: 4 * kB, pages: 64 },
  inputBytes: 1024,
  startsInLimbo: true,
  bootNoise: "",
  hasDebugger: true,
  hasButton: true,
  isOfficial: true,
};

/** espruino §2.1, §7; pages and buffers as their firmware is built. */
export const boardKinds = {
  simulator,
  pico: { ...simulator, name: "PICO_R1_3", flash: { pageBytes: 16 * kB, pages: 3 } },
  puck: {
    ...simulator,
    name: "PUCKJS",
    ram: 64 * kB,
    variables: 2630,
    flash: { pageBytes: 4 * kB, pages: 10 },
  },
  original: {
    ...simulator,
    name: "ESPRUINOBOARD",
    ram: 48 * kB,
    variables: 2756,
    flash: { pageBytes: 2 * kB, pages: 10 },
    inputBytes: 512,
  },
  esp8266: {
    ...simulator,
    name: "ESP8266_BOARD",
    ram: 80 * kB,
    variables: 1700,
    flash: { pageBytes: 4 * kB, pages: 4 },
    inputBytes: 512,
    startsInLimbo: false,
    bootNoise: "r\xfel\x9c\x9e\xe0\x02\x0c\x8cl\x8c\xe0l\x02\x0c\xec\x9e\xfe",
    hasDebugger: false,
    hasButton: false,
    isOfficial: false,
  },
  esp32: {
    ...simulator,
    name: "ESP32",
    ram: 512 * kB,
    variables: 16_383,
    flash: { pageBytes: 4 * kB, pages: 224 },
    startsInLimbo: false,
    bootNoise: "ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
    isOfficial: false,
  },
} satisfies Record<string, BoardKind>;
