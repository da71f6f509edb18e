import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { listPorts } from "../transports/ports.ts";
import { checkModemManager } from "./modem-manager.ts";
import { fakeMachine, told, usbBoard } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const running = { "proc/700/comm": "ModemManager\n" };
const enabled = {
  "etc/systemd/system/multi-user.target.wants/ModemManager.service":
    "-> /lib/systemd/system/ModemManager.service",
};
const pico = usbBoard("ttyACM0", "1-1", "0483:5740");
const bridge = usbBoard("ttyUSB0", "1-2", "10c4:ea60");
const rule = (text: string) => ({ "etc/udev/rules.d/78-bowline.rules": `${text}\n` });
const addRule = (vid: string, pid: string) =>
  `-> echo 'ATTRS{idVendor}=="${vid}", ATTRS{idProduct}=="${pid}", ENV{ID_MM_DEVICE_IGNORE}="1"' | sudo tee -a /etc/udev/rules.d/78-bowline.rules`;

async function toldOf(files: Record<string, string>): Promise<string[]> {
  const machine = await fakeMachine({ files });
  return told(await checkModemManager(machine, await listPorts(machine.root)));
}

test("it does not run", async () => {
  expect(await toldOf(pico)).toEqual(["ok ModemManager does not run"]);
});

test("it runs, and is told to leave each board alone, by whatever rule", async () => {
  const ok = ["ok ModemManager runs, and is told to leave the boards alone"];
  expect(
    await toldOf({ ...running, ...pico, ...rule('ATTRS{idVendor}=="0483", ENV{ID_MM_DEVICE_IGNORE}="1"') }),
  ).toEqual(ok);
  const everyTty = rule('SUBSYSTEM=="tty", KERNEL=="ttyACM[0-9]*", ENV{ID_MM_PORT_IGNORE}="1"');
  expect(await toldOf({ ...running, ...pico, ...everyTty })).toEqual(ok);
});

test("it runs, and nothing tells it: the rules and the commands, for each kind of board once", async () => {
  const twins = { ...bridge, ...usbBoard("ttyUSB1", "1-3", "10c4:ea60") };
  const unrelated = rule('ATTRS{idVendor}=="0483", ATTRS{idProduct}=="5740", ENV{ID_MM_CANDIDATE}="1"');
  expect(await toldOf({ ...running, ...pico, ...twins, ...unrelated })).toEqual([
    "warn ModemManager runs, and talks to 0483:5740, 10c4:ea60 as if to a modem",
    addRule("0483", "5740"),
    addRule("10c4", "ea60"),
    "-> sudo udevadm control --reload && sudo udevadm trigger && sudo systemctl restart ModemManager",
  ]);
});

test.each([
  'KERNEL=="ttyACM[0-9]*", ATTRS{idVendor}=="2341", ENV{ID_MM_PORT_IGNORE}="1"',
  'SUBSYSTEM=="net", ENV{ID_MM_PORT_IGNORE}="1"',
  'ATTRS{idVendor}=="0483", ENV{ID_MM_TTY_BLACKLIST}="1"',
])("a rule for something else spares no board: %s", async (text) => {
  expect((await toldOf({ ...running, ...pico, ...rule(text) }))[0]).toBe(
    "warn ModemManager runs, and talks to 0483:5740 as if to a modem",
  );
});

test("one of two boards is spared", async () => {
  const files = {
    ...running,
    ...pico,
    ...bridge,
    ...rule('ATTRS{idVendor}=="0483", ENV{ID_MM_DEVICE_IGNORE}="1"'),
  };
  expect((await toldOf(files)).slice(0, 2)).toEqual([
    "warn ModemManager runs, and talks to 10c4:ea60 as if to a modem",
    addRule("10c4", "ea60"),
  ]);
});

test("it does not run yet", async () => {
  const lines = await toldOf({ ...enabled, ...pico });
  expect(lines[0]).toBe(
    "warn ModemManager begins with the next start of the machine, and talks to 0483:5740 as if to a modem",
  );
  expect(lines.at(-1)).toBe("-> sudo udevadm control --reload && sudo udevadm trigger");
});

test("no board is plugged in, or only something that is none", async () => {
  const warning = "warn ModemManager runs: it talks to boards that are plugged in, as if they were modems";
  expect((await toldOf(running))[0]).toBe(warning);
  expect((await toldOf({ ...running, ...usbBoard("ttyACM0", "1-1", "12d1:1001") }))[0]).toBe(warning);
});
