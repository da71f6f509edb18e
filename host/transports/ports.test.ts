import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { listPorts } from "./ports.ts";

afterEach(removeFakeRoots);

/** A USB device with one tty, as the kernel lays it out; ttyUSB has a level more than ttyACM. */
function usbPort(
  tty: string,
  socket: string,
  ids: { vid: string; pid: string; serial?: string; texts?: [string, string] },
) {
  const device = `sys/devices/usb1/${socket}`;
  const owner = tty.startsWith("ttyUSB") ? `${device}/${socket}:1.0/${tty}` : `${device}/${socket}:1.0`;
  return {
    [`dev/${tty}`]: "",
    [`${device}/idVendor`]: `${ids.vid}\n`,
    [`${device}/idProduct`]: `${ids.pid}\n`,
    ...(ids.serial ? { [`${device}/serial`]: `${ids.serial}\n` } : {}),
    ...(ids.texts
      ? { [`${device}/manufacturer`]: `${ids.texts[0]}\n`, [`${device}/product`]: `${ids.texts[1]}\n` }
      : {}),
    [`${owner}/tty/${tty}/dev`]: "166:0\n",
    [`${owner}/tty/${tty}/device`]: "-> ../..",
    [`sys/class/tty/${tty}`]: `-> ../../../${owner}/tty/${tty}`,
  };
}

const pico = {
  vid: "0483",
  pid: "5740",
  serial: "30003B",
  texts: ["Espruino", "Espruino Pico"] as [string, string],
};

test("a board is listed by its by-id name, with what USB says and who holds it", async () => {
  const root = await fakeRoot({
    ...usbPort("ttyACM0", "1-1", pico),
    "dev/serial/by-id/usb-Espruino_Pico_30003B-if00": "-> ../../ttyACM0",
    "dev/serial/by-path/platform-xhci-usb-0:1:1.0": "-> ../../ttyACM0",
    "proc/812/cmdline": "picocom\0-b\0",
    "proc/812/fd/3": "-> /dev/ttyACM0",
  });
  await expect(listPorts(root)).resolves.toEqual([
    {
      name: "/dev/serial/by-id/usb-Espruino_Pico_30003B-if00",
      device: "/dev/ttyACM0",
      vidPid: "0483:5740",
      serialNumber: "30003B",
      manufacturer: "Espruino",
      product: "Espruino Pico",
      holder: { pid: 812, command: "picocom" },
      espruino: "yes",
    },
  ]);
});

test("an Espruino is told by its name, or may be one by its ids", async () => {
  const root = await fakeRoot({
    ...usbPort("ttyACM0", "1-1", { vid: "0483", pid: "5740" }),
    ...usbPort("ttyACM1", "1-2", { vid: "2341", pid: "0043" }),
    ...usbPort("ttyUSB0", "1-3", { vid: "10c4", pid: "ea60" }),
    "dev/ttyAMA0": "",
  });
  const found = (await listPorts(root)).map(
    ({ device, vidPid, espruino }) => `${device} ${vidPid} ${espruino}`,
  );
  expect(found).toEqual([
    "/dev/ttyACM0 0483:5740 maybe",
    "/dev/ttyACM1 2341:0043 no",
    "/dev/ttyAMA0  maybe",
    "/dev/ttyUSB0 10c4:ea60 maybe",
  ]);
});

test("without by-id the name is by-path, the older of two, else the tty itself", async () => {
  const root = await fakeRoot({
    ...usbPort("ttyUSB10", "1-1", { vid: "1a86", pid: "7523" }),
    ...usbPort("ttyUSB9", "1-2", { vid: "1a86", pid: "7523" }),
    "dev/serial/by-path/platform-xhci-usb-0:1:1.0-port0": "-> ../../ttyUSB9",
    "dev/serial/by-path/platform-xhci-usbv2-0:1:1.0-port0": "-> ../../ttyUSB9",
  });
  const names = (await listPorts(root)).map(({ name }) => name);
  expect(names).toEqual(["/dev/serial/by-path/platform-xhci-usb-0:1:1.0-port0", "/dev/ttyUSB10"]);
});

test("two sticks that share a by-id name are both named by-path", async () => {
  const stick = { vid: "10c4", pid: "ea60", serial: "0001" };
  const root = await fakeRoot({
    ...usbPort("ttyUSB0", "1-1", stick),
    ...usbPort("ttyUSB1", "1-2", stick),
    "dev/serial/by-id/usb-Silicon_Labs_CP2102_0001-if00-port0": "-> ../../ttyUSB1",
    "dev/serial/by-path/usb-0:1:1.0-port0": "-> ../../ttyUSB0",
    "dev/serial/by-path/usb-0:2:1.0-port0": "-> ../../ttyUSB1",
  });
  const names = (await listPorts(root)).map(({ name }) => name);
  expect(names).toEqual(["/dev/serial/by-path/usb-0:1:1.0-port0", "/dev/serial/by-path/usb-0:2:1.0-port0"]);
});

test("the Pi's UART keeps its name serial0, whichever UART that is", async () => {
  const root = await fakeRoot({
    "dev/serial0": "-> ttyS0",
    "dev/ttyS0": "",
    "dev/ttyS1": "",
    "dev/ttyAMA0": "",
  });
  const names = (await listPorts(root)).map(({ name, device }) => `${name} = ${device}`);
  expect(names).toEqual(["/dev/ttyAMA0 = /dev/ttyAMA0", "/dev/serial0 = /dev/ttyS0"]);
});

test("an alias that outlived its device is not a port, and an empty machine has none", async () => {
  await expect(
    listPorts(await fakeRoot({ "dev/serial/by-id/usb-gone": "-> ../../ttyACM0" })),
  ).resolves.toEqual([]);
  await expect(listPorts(await fakeRoot({}))).resolves.toEqual([]);
});
