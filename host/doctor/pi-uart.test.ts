import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkPiUart } from "./pi-uart.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

type Files = Record<string, string>;
const pi = (model: string): Files => ({
  "proc/device-tree/model": `Raspberry Pi ${model}\0`,
  "boot/firmware/config.txt": "",
});
const pi4 = pi("4 Model B Rev 1.5");
const pi5 = pi("5 Model B Rev 1.0");
/** serial0 as it is before and after Bluetooth is moved away. */
const mini: Files = { "dev/serial0": "-> ttyS0", "dev/ttyS0": "", "dev/ttyAMA0": "" };
const full: Files = { "dev/serial0": "-> ttyAMA0", "dev/ttyAMA0": "", "dev/ttyS0": "" };
const cmdline = (text: string): Files => ({
  "boot/firmware/cmdline.txt": `${text}\n`,
  "proc/cmdline": `${text.replace("serial0", "ttyS0")}\n`,
});
const used = (path = "/dev/serial0") => ({ serial: [{ path }] });

async function toldOf(files: Files, config: object = {}): Promise<string[]> {
  return told(await checkPiUart(await fakeMachine({ files, config })));
}
const mines = "only to be freed for a board on the pins, boards on USB are fine";

test("a machine that is no Raspberry Pi has nothing to tell", async () => {
  expect(await toldOf({ ...mini, "boot/firmware/config.txt": "" }, used())).toEqual([]);
});

test("free, and the full UART", async () => {
  expect(await toldOf({ ...pi4, ...full, ...cmdline("root=x") }, used())).toEqual([
    "ok the login console leaves /dev/ttyAMA0 alone",
    "ok /dev/ttyAMA0 on the pins is a full UART",
  ]);
});

test("the login console has it: a warning, unless a board is configured there", async () => {
  const files = { ...pi4, ...mini, ...cmdline("console=serial0,115200 console=tty1 root=x") };
  const edits = [
    "-> sudo sed -i 's/console=serial0,115200 *//' /boot/firmware/cmdline.txt",
    "-> sudo reboot",
  ];
  expect(await toldOf(files)).toEqual([
    `warn /dev/ttyS0 on the pins is the login console: ${mines}`,
    ...edits,
    "ok /dev/ttyS0 on the pins is the mini UART",
  ]);
  expect((await toldOf(files, used())).slice(0, 3)).toEqual([
    "FAIL /dev/ttyS0 on the pins is the login console",
    ...edits,
  ]);
});

test.each(["console=ttyS0,115200", "console=ttyS0"])("also by the name %s, and in /boot", async (word) => {
  const { "boot/firmware/config.txt": _, ...old } = { ...pi4, ...mini };
  const files = { ...old, "boot/config.txt": "", "boot/cmdline.txt": `${word} root=x\n` };
  expect((await toldOf(files))[1]).toBe(`-> sudo sed -i 's/${word} *//' /boot/cmdline.txt`);
});

test("a console on another port, or on the screen, is none of ours", async () => {
  const files = { ...pi4, ...mini, ...cmdline("console=ttyAMA0,115200 console=tty1") };
  expect((await toldOf(files))[0]).toBe("ok the login console leaves /dev/ttyS0 alone");
});

test("edited, and not started since", async () => {
  const files = {
    ...pi4,
    ...mini,
    "boot/firmware/cmdline.txt": "root=x\n",
    "proc/cmdline": "console=ttyS0,115200 root=x\n",
  };
  expect((await toldOf(files, used())).slice(0, 2)).toEqual([
    "FAIL /dev/ttyS0 on the pins is the login console until the next start",
    "-> sudo reboot",
  ]);
});

test("a login console that was enabled by hand", async () => {
  const link = "etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service";
  const files = {
    ...pi4,
    ...mini,
    ...cmdline("root=x"),
    [link]: "-> /lib/systemd/system/serial-getty@.service",
  };
  const stop = "-> sudo systemctl disable --now serial-getty@ttyS0";
  expect((await toldOf(files, used())).slice(0, 2)).toEqual([
    "FAIL /dev/ttyS0 on the pins is the login console",
    stop,
  ]);
  const running = {
    ...pi4,
    ...mini,
    "proc/600/cmdline": "/sbin/agetty\0-o\0-p -- \\u\0--keep-baud\0ttyS0\0vt220\0",
  };
  expect((await toldOf(running, used())).slice(0, 2)).toEqual([
    "FAIL /dev/ttyS0 on the pins is the login console",
    stop,
  ]);
  const elsewhere = { ...pi4, ...mini, "proc/600/cmdline": "/sbin/agetty\0tty1\0linux\0" };
  expect((await toldOf(elsewhere, used()))[0]).toMatch(/^ok /);
});

test("the console of cmdline.txt, and the login that systemd made for it, are one edit", async () => {
  const made = "run/systemd/generator/getty.target.wants/serial-getty@ttyS0.service";
  const files = {
    ...pi4,
    ...mini,
    ...cmdline("console=serial0,115200"),
    [made]: "-> /lib/systemd/system/serial-getty@.service",
    "proc/600/cmdline": "/sbin/agetty\0ttyS0\0",
  };
  expect((await toldOf(files, used())).slice(1, 3)).toEqual([
    "-> sudo sed -i 's/console=serial0,115200 *//' /boot/firmware/cmdline.txt",
    "-> sudo reboot",
  ]);
});

test("the mini UART for a board, with what gives it the full one", async () => {
  const seen =
    "warn /dev/ttyS0 on the pins is the mini UART: half the buffer of the full one, and a speed that follows the core's clock";
  expect((await toldOf({ ...pi4, ...mini }, used())).slice(1)).toEqual([
    seen,
    "-> echo dtoverlay=disable-bt | sudo tee -a /boot/firmware/config.txt",
    "-> sudo systemctl disable --now hciuart",
    "-> sudo reboot",
    "-> (with dtoverlay=miniuart-bt instead Bluetooth stays, more slowly)",
  ]);
  const edited = { ...pi4, ...mini, "boot/firmware/config.txt": "dtoverlay=disable-bt\n" };
  expect((await toldOf(edited, used())).slice(1)).toEqual([
    `${seen}, until the next start`,
    "-> sudo reboot",
  ]);
});

test("the port of the Bluetooth chip, taken for that on the pins", async () => {
  expect((await toldOf({ ...pi4, ...mini }, used("/dev/ttyAMA0"))).slice(1)).toEqual([
    "FAIL /dev/ttyAMA0 is configured, and is the Bluetooth chip's: the pins are /dev/serial0",
    "-> write /dev/serial0 under serial: in bowline.yaml",
  ]);
});

test("it is off", async () => {
  expect(await toldOf(pi4)).toEqual(["ok the UART on the pins is off; boards on USB do not need it"]);
  expect(await toldOf(pi4, used())).toEqual([
    "FAIL the UART on the pins is off",
    "-> echo enable_uart=1 | sudo tee -a /boot/firmware/config.txt",
    "-> sudo reboot",
  ]);
  expect(await toldOf({ ...pi4, "boot/firmware/config.txt": "[all]\nenable_uart=1\n" }, used())).toEqual([
    "FAIL the UART on the pins is off, and on after the next start",
    "-> sudo reboot",
  ]);
});

test("on a Pi 5 serial0 may be the connector for debugging, whose console is in nobody's way", async () => {
  const debug = { "dev/serial0": "-> ttyAMA10", "dev/ttyAMA10": "" };
  const files = { ...pi5, ...debug, ...cmdline("console=ttyAMA10,115200 console=serial0,115200") };
  expect(await toldOf(files, used("/dev/ttyAMA0"))).toEqual([
    "FAIL the UART on the pins is off",
    "-> echo dtparam=uart0=on | sudo tee -a /boot/firmware/config.txt",
    "-> sudo reboot",
  ]);
  expect(await toldOf({ ...files, "dev/ttyAMA0": "" }, used("/dev/ttyAMA0"))).toEqual([
    "ok the login console leaves /dev/ttyAMA0 alone",
    "ok /dev/ttyAMA0 on the pins is a full UART",
  ]);
});
