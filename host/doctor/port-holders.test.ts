import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { listPorts } from "../transports/ports.ts";
import { checkPortHolders } from "./port-holders.ts";
import { byId, fakeMachine, told, usbBoard } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const pico = usbBoard("ttyACM0", "1-1", "0483:5740");
const ours = { serial: [{ path: `/dev/serial/by-id/${byId("0483:5740")}` }] };

async function toldOf(
  cmdline: string,
  config: object,
  device = "/dev/ttyACM0",
  more = {},
): Promise<string[]> {
  const files = { ...pico, ...more, "proc/812/cmdline": cmdline, "proc/812/fd/3": `-> ${device}` };
  const machine = await fakeMachine({ files, config });
  return told(await checkPortHolders(machine, await listPorts(machine.root)));
}

test("a port that the gateway has is as it should be", async () => {
  expect(await toldOf("node\0/home/pi/bowline/dist/bowline.mjs\0up\0", ours)).toEqual([
    "ok /dev/ttyACM0: the gateway has it",
  ]);
  expect(await toldOf("/usr/local/bin/node\0/usr/local/bin/bowline\0up\0", ours)).toEqual([
    "ok /dev/ttyACM0: the gateway has it",
  ]);
});

test("a port that is configured and that another program has", async () => {
  expect(await toldOf("picocom\0", ours)).toEqual([
    "FAIL /dev/ttyACM0 is held by pid 812 (picocom)",
    "-> kill 812",
  ]);
});

test.each([
  ["/usr/sbin/ModemManager", "ModemManager"],
  ["/usr/bin/brltty", "brltty"],
])("%s grabs ports that nobody gave it", async (program, command) => {
  const mend = `-> sudo systemctl disable --now ${command}`;
  expect(await toldOf(`${program}\0`, {})).toEqual([
    `warn /dev/ttyACM0 is held by pid 812 (${command})`,
    mend,
  ]);
  expect(await toldOf(`${program}\0`, ours)).toEqual([
    `FAIL /dev/ttyACM0 is held by pid 812 (${command})`,
    mend,
  ]);
});

test("a login console on a configured UART", async () => {
  const uart = { "dev/ttyS0": "", "dev/serial0": "-> ttyS0" };
  expect(
    await toldOf("/sbin/agetty\0-o\0", { serial: [{ path: "/dev/serial0" }] }, "/dev/ttyS0", uart),
  ).toEqual([
    "FAIL /dev/ttyS0 is held by pid 812 (agetty)",
    "-> sudo systemctl disable --now serial-getty@ttyS0",
  ]);
});

test("another program's port that is none of ours is its own, and a free one is nobody's", async () => {
  expect(await toldOf("node\0/opt/zigbee2mqtt.js\0", {})).toEqual([]);
  expect(await toldOf("cat\0", ours, "/dev/null")).toEqual([]);
});

test("the other side of a pseudo-terminal is held by who made it, which is in nobody's way", async () => {
  const files = { "dev/pts/5": "", "home/pi/sim-1.tty": "-> ../../dev/pts/5" };
  expect(await toldOf("script\0", { serial: [{ path: "/home/pi/sim-1.tty" }] }, "/dev/pts/5", files)).toEqual(
    [],
  );
});
