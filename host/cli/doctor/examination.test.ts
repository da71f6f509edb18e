import { expect, test } from "vitest";
import type { Finding } from "../../doctor/finding.ts";
import type { PortInfo } from "../../transports/ports.ts";
import { formatExamination } from "./examination.ts";

const plain = { columns: undefined, isColoured: false, seesAll: true };
const one = (level: Finding["level"], seen: string, ...mend: string[]): Finding => ({
  name: "x",
  level,
  seen,
  mend: mend.join("\n"),
});
const port = (name: string, fields: Partial<PortInfo>): PortInfo => ({
  ...{ name, device: "/dev/ttyACM0", vidPid: "0483:5740", serialNumber: "", manufacturer: "", product: "" },
  ...{ holder: undefined, espruino: "yes", ...fields },
});
const noPorts = " ports  none; plug a board in, or try one without: npx bowline sim";

const findings = [
  one("ok", "node 20.20.2"),
  one("warn", "/dev/serial0 is the login console", "sudo reboot"),
  one("ok", "serialport (native)"),
  one("FAIL", "user pi is not in group dialout", "sudo usermod -aG dialout pi && newgrp dialout"),
  one("ok", "data folder /home/pi/bowline/data: 10 485 MB free"),
  one("ok", "clock synchronised"),
  one("warn", "ModemManager runs", "echo 1", "echo 2"),
  one("warn", "nothing can be done about the weather"),
];

test("on a terminal what is well shares lines, faults come first, and what repairs them stands behind or below", () => {
  expect(formatExamination({ findings, ports: [] }, { ...plain, columns: 90 })).toEqual([
    " ok    node 20.20.2         ok    serialport (native)  ok    clock synchronised",
    " ok    data folder /home/pi/bowline/data: 10 485 MB free",
    " FAIL  user pi is not in group dialout    -> sudo usermod -aG dialout pi && newgrp dialout",
    " warn  /dev/serial0 is the login console  -> sudo reboot",
    " warn  ModemManager runs",
    "       -> echo 1",
    "       -> echo 2",
    " warn  nothing can be done about the weather",
    noPorts,
  ]);
});

test("on a narrow terminal nothing is left out", () => {
  expect(formatExamination({ findings: findings.slice(0, 4), ports: [] }, { ...plain, columns: 60 })).toEqual(
    [
      " ok    node 20.20.2         ok    serialport (native)",
      " FAIL  user pi is not in group dialout",
      "       -> sudo usermod -aG dialout pi && newgrp dialout",
      " warn  /dev/serial0 is the login console  -> sudo reboot",
      noPorts,
    ],
  );
});

test("a command that only fits without the space that would align it stands behind all the same", () => {
  const long = one("warn", "short", `sudo ${"x".repeat(40)}`);
  const lines = formatExamination({ findings: [findings[1], long], ports: [] }, { ...plain, columns: 64 });
  expect(lines.slice(0, 2)).toEqual([
    " warn  /dev/serial0 is the login console  -> sudo reboot",
    ` warn  short  -> sudo ${"x".repeat(40)}`,
  ]);
});

test("elsewhere each has its line", () => {
  const lines = formatExamination({ findings: findings.slice(0, 3), ports: [] }, plain);
  expect(lines).toEqual([
    " ok    node 20.20.2",
    " ok    serialport (native)",
    " warn  /dev/serial0 is the login console  -> sudo reboot",
    noPorts,
  ]);
});

test("levels have colours where they may, and nothing that a file says has", () => {
  const lines = formatExamination(
    { findings: [one("ok", "a"), one("FAIL", "b\x1b[31m", "c")], ports: [] },
    { ...plain, columns: 80, isColoured: true },
  );
  expect(lines.slice(0, 2)).toEqual([" \x1b[32mok  \x1b[0m  a", " \x1b[31mFAIL\x1b[0m  b\\u001b[31m  -> c"]);
});

test("ports are numbered, with who has them", () => {
  const ports = [
    port("/dev/serial/by-id/usb-Espruino_Pico_30003B-if00", {}),
    port("/dev/ttyUSB0", {
      vidPid: "0403:6001",
      espruino: "maybe",
      holder: { pid: 812, command: "node zigbee2mqtt.js" },
    }),
    port("/dev/serial0", { vidPid: "", espruino: "maybe" }),
  ];
  expect(formatExamination({ findings: [], ports }, plain)).toEqual([
    " ports",
    "  1  /dev/serial/by-id/usb-Espruino_Pico_30003B-if00  0483:5740  free                                 Espruino? yes",
    "  2  /dev/ttyUSB0                                     0403:6001  held by pid 812 node zigbee2mqtt.js  Espruino? maybe",
    "  3  /dev/serial0                                     -          free                                 Espruino? maybe",
  ]);
  const [, line] = formatExamination(
    { findings: [], ports: ports.slice(0, 1) },
    { ...plain, seesAll: false },
  );
  expect(line).toMatch(/ {2}seems free {2}Espruino\? yes$/);
});
