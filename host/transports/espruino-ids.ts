/** Which USB devices may be an Espruino board, by what they say of themselves. */

export type Likelihood = "yes" | "no" | "maybe";

/** VID:PID of boards Espruino runs on, and of the bridges it is reached through; others wear the same ids. */
const boards: Readonly<Record<string, string>> = {
  "0403:6001": "FTDI bridge",
  "0403:6015": "FTDI bridge",
  "0483:5740": "Espruino Original, Pico, WiFi; also many another STM32",
  "0483:374b": "ST-Link of a NUCLEO",
  "0d28:0204": "DAPLink of a micro:bit",
  "10c4:ea60": "CP210x bridge, often an ESP",
  "1366:1015": "J-Link of an nRF52840 DK",
  "1915:520f": "XIAO BLE",
  "1a86:55d4": "CH9102 bridge, often an ESP",
  "1a86:7523": "CH340 bridge, often an ESP",
  "2e8a:000a": "RP2040, RP2350",
  "303a:1001": "ESP32-C3, S3 by USB-JTAG",
};

/** What has such ids; undefined for what Espruino does not run on, and is not reached through. */
export function boardWith(vidPid: string): string | undefined {
  return boards[vidPid];
}

/** `vidPid` as `0483:5740`, "" for a port that is not on USB: a UART may lead anywhere. */
export function espruinoLikelihood(vidPid: string, texts: string): Likelihood {
  if (/espruino/i.test(texts)) return "yes";
  return vidPid === "" || vidPid in boards ? "maybe" : "no";
}
