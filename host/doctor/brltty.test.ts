import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkBrltty } from "./brltty.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const toldOf = async (files: Record<string, string>) => told(await checkBrltty(await fakeMachine({ files })));
const file = "usr/lib/udev/rules.d/85-brltty.rules";

test("it is not installed, leaves the bridges alone, or was masked", async () => {
  const ok = ["ok brltty takes no board's bridge"];
  expect(await toldOf({})).toEqual(ok);
  expect(
    await toldOf({ [file]: '# ENV{PRODUCT}=="1a86/7523/*", ENV{BRLTTY_BRAILLE_DRIVER}="bm"\n' }),
  ).toEqual(ok);
  const rules = { [file]: 'ENV{PRODUCT}=="1a86/7523/*", GOTO="brltty_usb_run"\n' };
  expect(await toldOf({ ...rules, "etc/udev/rules.d/85-brltty.rules": "-> /dev/null" })).toEqual(ok);
  expect(await toldOf({ "usr/lib/udev/rules.d/60-other.rules": rules[file] })).toEqual(ok);
});

test("it takes bridges, in the words of its older and its newer rules", async () => {
  const newer = "usr/lib/udev/rules.d/90-brltty-device.rules";
  const files = {
    [file]: 'ENV{PRODUCT}=="1a86/7523/*", ENV{BRLTTY_BRAILLE_DRIVER}="bm", GOTO="brltty_usb_run"\n',
    [newer]: 'ATTR{idVendor}=="10C4", ATTR{idProduct}=="EA60", ENV{BRLTTY_BRAILLE_DRIVER}="sk"\n',
  };
  expect(await toldOf(files)).toEqual([
    "warn brltty takes 1a86:7523, 10c4:ea60 for a Braille display: such a board has no port",
    "-> sudo ln -sf /dev/null /etc/udev/rules.d/85-brltty.rules",
    "-> sudo ln -sf /dev/null /etc/udev/rules.d/90-brltty-device.rules",
    "-> sudo udevadm control --reload, then plug the board in again",
  ]);
});
