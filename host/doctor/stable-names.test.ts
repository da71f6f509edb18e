import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { listPorts } from "../transports/ports.ts";
import { checkStableNames } from "./stable-names.ts";
import { fakeMachine, told, usbBoard } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const pico = usbBoard("ttyACM0", "1-1", "0483:5740");
const named = Object.entries(pico);
const without = (...parts: string[]) =>
  Object.fromEntries(named.filter(([path]) => !parts.some((part) => path.startsWith(part))));

async function toldOf(files: Record<string, string>): Promise<string[]> {
  const machine = await fakeMachine({ files });
  return told(await checkStableNames(machine, await listPorts(machine.root)));
}

test("names that stay; also where udev runs elsewhere, or no board is there", async () => {
  const ok = ["ok udev gives ports names that stay"];
  expect(await toldOf(pico)).toEqual(ok);
  expect(await toldOf(without("run/udev"))).toEqual(ok);
  expect(await toldOf({ "run/udev/control": "" })).toEqual(ok);
});

test("a board without such a name: udev has missed it, is not there, or is outside of this container", async () => {
  const warning = "warn /dev/ttyACM0: no name under /dev/serial that stays";
  expect(await toldOf(without("dev/serial"))).toEqual([
    warning,
    "-> sudo udevadm trigger --subsystem-match=tty --action=add",
  ]);
  expect(await toldOf(without("dev/serial", "run/udev"))).toEqual([
    warning,
    "-> sudo apt-get install udev && sudo systemctl restart systemd-udevd && sudo udevadm trigger",
  ]);
  expect(await toldOf({ ...without("dev/serial", "run/udev"), ".dockerenv": "" })).toEqual([
    warning,
    '-> docker run -v /dev:/dev …, or in compose.yaml volumes: ["/dev:/dev"]',
  ]);
});

test("no udev and no board yet", async () => {
  expect((await toldOf({}))[0]).toBe("warn no udev: boards that are plugged in will get no name that stays");
});
