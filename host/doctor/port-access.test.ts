import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { listPorts } from "../transports/ports.ts";
import { checkPortAccess } from "./port-access.ts";
import { fakeMachine, told, usbBoard } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

type Fake = NonNullable<Parameters<typeof fakeMachine>[0]>;
const pico = usbBoard("ttyACM0", "1-1", "0483:5740");
const etc = { "etc/group": "root:x:0:\ntty:x:5:\ndialout:x:20:anna\npi:x:1000:\n" };
const stranger = { name: "pi", uid: 1000, groups: [1000] };
const device = "/dev/ttyACM0";

async function toldOf(fake: Fake): Promise<string[]> {
  const machine = await fakeMachine({ user: stranger, ...fake, files: { ...etc, ...pico, ...fake.files } });
  return told(await checkPortAccess(machine, await listPorts(machine.root)));
}
const refused = (node: object = {}): Fake => ({ forbidden: [device], nodes: { [device]: node } });

test("ports that may be used, by whoever", async () => {
  expect(await toldOf({})).toEqual(["ok pi may use every port"]);
  expect(await toldOf({ user: { name: "root", uid: 0, groups: [0] }, ...refused() })).toEqual([
    "ok root may use every port; check as the user who runs the gateway",
  ]);
});

test("who is not in the group is told the command, for two ports at once", async () => {
  const second = usbBoard("ttyUSB0", "1-2", "10c4:ea60");
  const both = { [device]: {}, "/dev/ttyUSB0": {} };
  expect(await toldOf({ files: second, forbidden: Object.keys(both), nodes: both })).toEqual([
    "FAIL /dev/ttyACM0, /dev/ttyUSB0: user pi is not in group dialout",
    "-> sudo usermod -aG dialout pi && newgrp dialout",
  ]);
});

test("who was put into the group after the session began has to log in again", async () => {
  expect(await toldOf({ ...refused(), files: { "etc/group": "dialout:x:20:anna,pi\n" } })).toEqual([
    "FAIL /dev/ttyACM0: user pi is in group dialout, but not yet in this session",
    "-> log out and in again (a service: restart it), or for this terminal:",
    "-> newgrp dialout",
  ]);
});

test("the group is the one that owns the device, whatever its name", async () => {
  const files = { "etc/group": "uucp:x:986:\n" };
  expect(await toldOf({ forbidden: [device], nodes: { [device]: { gid: 986 } }, files })).toEqual([
    "FAIL /dev/ttyACM0: user pi is not in group uucp",
    "-> sudo usermod -aG uucp pi && newgrp uucp",
  ]);
});

test("in a container it is given with the container, by number", async () => {
  expect(await toldOf({ ...refused(), files: { ".dockerenv": "", "etc/group": "" } })).toEqual([
    "FAIL /dev/ttyACM0: user pi of this container is not in group 20",
    '-> docker run --group-add 20 …, or in compose.yaml group_add: ["20"]',
  ]);
});

test("a node that no udev rule has come to", async () => {
  expect(await toldOf(refused({ gid: 0 }))).toEqual([
    "FAIL /dev/ttyACM0: it belongs to root alone: no udev rule has come to it",
    "-> sudo udevadm trigger --subsystem-match=tty --action=add",
    "-> sudo chgrp dialout /dev/ttyACM0 && sudo chmod g+rw /dev/ttyACM0",
  ]);
  expect((await toldOf(refused({ gid: 0, mode: 0o600 })))[0]).toMatch(/no udev rule has come to it$/);
  expect(await toldOf({ ...refused({ gid: 0 }), files: { ".dockerenv": "" } })).toEqual([
    "FAIL /dev/ttyACM0: it belongs to root alone: no udev rule has come to it",
    "-> on the machine around this container: sudo chgrp dialout /dev/ttyACM0 && sudo chmod g+rw /dev/ttyACM0",
  ]);
});

test("a configured port that is the login console's, and one whose group has no say", async () => {
  const uart = {
    files: { "dev/ttyS0": "", "dev/serial0": "-> ttyS0" },
    config: { serial: [{ path: "/dev/serial0" }] },
  };
  const own = (node: object) => toldOf({ ...uart, forbidden: ["/dev/ttyS0"], nodes: { "/dev/ttyS0": node } });
  expect(await own({ gid: 5, mode: 0o620 })).toEqual([
    "FAIL /dev/ttyS0: it is the login console's",
    "-> sudo systemctl disable --now serial-getty@ttyS0",
  ]);
  expect(await own({ gid: 20, mode: 0o600 })).toEqual([
    "FAIL /dev/ttyS0: group dialout may not read and write it (mode 600)",
    "-> sudo chmod g+rw /dev/ttyS0",
  ]);
});

test("what mends each of two ports is told, what mends both once", async () => {
  const nodes = { [device]: { gid: 0 }, "/dev/ttyUSB0": { gid: 0 } };
  const files = usbBoard("ttyUSB0", "1-2", "10c4:ea60");
  expect(await toldOf({ files, forbidden: Object.keys(nodes), nodes })).toEqual([
    "FAIL /dev/ttyACM0, /dev/ttyUSB0: it belongs to root alone: no udev rule has come to it",
    "-> sudo udevadm trigger --subsystem-match=tty --action=add",
    "-> sudo chgrp dialout /dev/ttyACM0 && sudo chmod g+rw /dev/ttyACM0",
    "-> sudo chgrp dialout /dev/ttyUSB0 && sudo chmod g+rw /dev/ttyUSB0",
  ]);
});

test("a UART that is not configured may be anyone's", async () => {
  const files = { "dev/ttyAMA0": "", "dev/serial0": "-> ttyAMA0" };
  expect(await toldOf({ files, forbidden: ["/dev/ttyAMA0"] })).toEqual(["ok pi may use every port"]);
});

test("what the permissions do not explain is not explained", async () => {
  expect(await toldOf({ ...refused(), user: { ...stranger, groups: [20] } })).toEqual([
    "FAIL /dev/ttyACM0: refused, although pi is in its group dialout",
    "-> ls -l /dev/ttyACM0; getfacl /dev/ttyACM0",
  ]);
});

test("without any port what will be is foreseen", async () => {
  const none = async (groups: number[], members: string) => {
    const files = { "etc/group": `dialout:x:20:${members}\n` };
    return told(await checkPortAccess(await fakeMachine({ files, user: { ...stranger, groups } }), []));
  };
  expect(await none([20], "")).toEqual(["ok pi is in group dialout"]);
  expect(await none([], "")).toEqual([
    "warn user pi is not in group dialout, which serial ports belong to",
    "-> sudo usermod -aG dialout pi && newgrp dialout",
  ]);
  expect((await none([], "pi"))[0]).toBe(
    "warn user pi is in group dialout, but not yet in this session, which serial ports belong to",
  );
  expect(told(await checkPortAccess(await fakeMachine({ user: stranger }), []))).toEqual([]);
});
