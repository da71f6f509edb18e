import { expect, test } from "vitest";
import { noPrompt } from "./seen.ts";

const PATH = "/dev/ttyACM0";
/** RESET of link 5a, as in PROTOCOL.md. */
const FRAME = Buffer.from("c052 5a00 73d5 9367 e8c0".replaceAll(" ", ""), "hex").toString("latin1");
/** A Firmata sketch says its version and its name at a start, two bytes of seven bits a character. */
const FIRMATA = "\xf9\x02\x05\xf0y\x02\x05S\0t\0a\0n\0\xf7";

test.each([
  ["nothing", "", "not a byte came; usual causes: the cable only charges", "hold BTN1 while powering up"],
  [
    "our firmware",
    `noise${FRAME}`,
    "the firmware of Bowline speaks, and gave no prompt",
    "for 3 s after a start",
  ],
  ["Firmata", FIRMATA, "Firmata (an Arduino sketch)", "put Espruino on the board first"],
  ["MicroPython", "MicroPython v1.22 on Pico\r\n>>> ", "a Python prompt", "put Espruino on the board first"],
  ["a modem", "\r\nERROR\r\n\r\nOK\r\n", "a modem (AT commands)", "bowline ports"],
  ["a login", "raspberrypi login: ", "a login or a shell", "bowline ports"],
  [
    "an ESP without firmware",
    "ets Jun  8 2016 00:22:57\r\nrst:0x10",
    "an ESP chip",
    "put Espruino on the board first",
  ],
  ["a password", "\r\npassword>", "a password at Espruino's prompt", "E.setPassword()"],
  [
    "Espruino that hangs",
    " espruino.com\r\n 2v29 (c) 2026\r\n>",
    "Espruino, which did not answer",
    "reset the board",
  ],
  [
    "another program",
    "temp=22.5 hum=40\r\ntemp=22.6 hum=41\r\n",
    '"temp=22.5 hum=40 temp=22.6 hum=41"',
    "reset the board",
  ],
  ["another speed", "\x80\xfe\x00\xf8\x86\x1e\x9e\x81", "bytes came that are no text", "--baud N"],
])("%s is told as such, with what to do", (_, text, seen, mend) => {
  const error = noPrompt(
    PATH,
    [
      { baud: 115_200, text },
      { baud: 9600, text: "" },
    ],
    false,
  );
  expect(error).toMatchObject({ code: "FLASH_NO_PROMPT", exitCode: 6 });
  expect(error.message).toContain(`get the prompt of the board on ${PATH}: `);
  expect(error.message).toContain(seen);
  expect(error.message).toMatch(/tried at 115200, 9600 baud$/);
  expect(error.mend).toContain(mend);
});

test("a reset is offered only where none was made", () => {
  const silent = [{ baud: 115_200, text: "" }];
  expect(noPrompt(PATH, silent, false).mend).toContain("bowline flash --reset");
  expect(noPrompt(PATH, silent, true).mend).not.toContain("--reset");
});
