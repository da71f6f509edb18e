import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "../transports/fake-root.ts";
import { namesUsbDevice, readUdevRules } from "./udev-rules.ts";

afterEach(removeFakeRoots);

test("of files with one name the administrator's counts, and one that leads to /dev/null is empty", async () => {
  const root = await fakeRoot({
    "etc/udev/rules.d/60-serial.rules": "mine\n",
    "usr/lib/udev/rules.d/60-serial.rules": "theirs\n",
    "etc/udev/rules.d/85-brltty.rules": "-> /dev/null",
    "usr/lib/udev/rules.d/85-brltty.rules": "theirs\n",
    "run/udev/rules.d/10-made.rules": "# a remark\n\n  one \\\n  line\ntwo\n",
    "usr/lib/udev/rules.d/README": "none of them\n",
  });
  expect(await readUdevRules({ root })).toEqual([
    { file: "10-made.rules", text: "one    line" },
    { file: "10-made.rules", text: "two" },
    { file: "60-serial.rules", text: "mine" },
  ]);
});

test.each([
  ['ATTRS{idVendor}=="0483", ATTRS{idProduct}=="5740", ENV{X}="1"', true],
  ['ATTR{idVendor}=="0483", ENV{X}="1"', true],
  ['ATTRS{idVendor}=="0483", ATTRS{idProduct}=="374b"', false],
  ['ATTRS{idVendor}=="2341|0483", ATTRS{idProduct}=="57*"', true],
  ['ENV{ID_VENDOR_ID}=="0483", ENV{ID_MODEL_ID}=="57?0"', true],
  ['ENV{ID_VENDOR_ID}=="048"', false],
  ['ENV{PRODUCT}=="483/5740/*"', true],
  ['ENV{PRODUCT}=="0483/5740/*"', false],
  ['ENV{PRODUCT}=="1a86/7523/*"', false],
  ['ATTRS{idProduct}=="5740"', false],
  ['KERNEL=="ttyACM*"', false],
])("a rule names 0483:5740: %s -> %s", (text, expected) => {
  expect(namesUsbDevice({ file: "x.rules", text }, "0483:5740")).toBe(expected);
});

test("hexadecimal digits are the same in any case", () => {
  const rule = { file: "x.rules", text: 'ENV{PRODUCT}=="10C4/EA60/*"' };
  expect(namesUsbDevice(rule, "10c4:ea60")).toBe(true);
});
