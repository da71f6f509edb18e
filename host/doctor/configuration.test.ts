import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkConfiguration } from "./configuration.ts";
import { byId, fakeMachine, told, usbBoard } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const pico = usbBoard("ttyACM0", "1-1", "0483:5740");
const name = `/dev/serial/by-id/${byId("0483:5740")}`;
const serial = (...paths: string[]) => ({ serial: paths.map((path) => ({ path })) });
const toldOf = async (config: object, files: Record<string, string> = pico) =>
  told(await checkConfiguration(await fakeMachine({ files, config })));

test("a configuration that cannot be read, on one line", async () => {
  const configFault = {
    message: "bowline.yaml:2:3: unknown key\n  bowline.yaml:3:1: and another",
    mend: "bowline config check",
  };
  expect(told(await checkConfiguration(await fakeMachine({ configFault })))).toEqual([
    "FAIL the configuration cannot be read, all else is checked with its defaults: bowline.yaml:2:3: unknown key; bowline.yaml:3:1: and another",
    "-> bowline config check",
  ]);
});

test("ports that are there by a name that stays, and none", async () => {
  expect(await toldOf(serial(name))).toEqual([`ok configured port ${name} is there`]);
  expect(await toldOf({})).toEqual([]);
  expect(await toldOf({ serial: [{ path: "/dev/gone", enabled: false }] })).toEqual([]);
});

test("a port that is not there", async () => {
  expect(await toldOf(serial("/dev/serial/by-id/usb-gone"))).toEqual([
    "FAIL configured port /dev/serial/by-id/usb-gone is not there; the gateway waits for it",
    "-> bowline ports",
    "-> plug the board in, or write the name that is listed under serial:",
  ]);
});

test("a name that may lead to another port one day", async () => {
  expect(await toldOf(serial("/dev/ttyACM0"))).toEqual([
    "warn configured port /dev/ttyACM0 may be another port after the next start",
    `-> write ${name} under serial: in bowline.yaml`,
  ]);
});
