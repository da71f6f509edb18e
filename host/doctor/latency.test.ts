import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { listPorts } from "../transports/ports.ts";
import { checkLatency } from "./latency.ts";
import { fakeMachine, told, usbBoard } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const timer = "/sys/bus/usb-serial/devices/ttyUSB0/latency_timer";

async function toldOf(ms: string | undefined, forbidden: string[] = []): Promise<string[]> {
  const files = {
    ...usbBoard("ttyUSB0", "1-1", "0403:6001"),
    ...(ms !== undefined && { [timer.slice(1)]: ms }),
  };
  const machine = await fakeMachine({ files, forbidden });
  return told(await checkLatency(machine, await listPorts(machine.root)));
}

test("an adapter without such a timer, one that is quick, and one that the gateway will make so", async () => {
  expect(await toldOf(undefined)).toEqual([]);
  expect(await toldOf("1\n", [timer])).toEqual(["ok /dev/ttyUSB0 hands bytes over after 1 ms"]);
  expect(await toldOf("16\n")).toEqual(["ok /dev/ttyUSB0 holds bytes for 16 ms until the gateway opens it"]);
});

test("one that is slow, and not ours to change", async () => {
  expect(await toldOf("16\n", [timer])).toEqual([
    "warn /dev/ttyUSB0 holds bytes back for up to 16 ms, and pi may not lower that",
    `-> echo 'ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"' | sudo tee /etc/udev/rules.d/99-bowline-latency.rules`,
    "-> sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb-serial --action=add",
  ]);
});
