import { afterEach, expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { refuseShared, serialOpenError, serialUnavailable } from "./serial-errors.ts";

afterEach(removeFakeRoots);

// Texts as serialport 13 gives them.
test.each([
  [
    "Error: No such file or directory, cannot open /dev/x",
    "SERIAL_NOT_FOUND",
    ExitCode.notFound,
    "bowline ports",
  ],
  [
    "Error: No such device or address, cannot open /dev/x",
    "SERIAL_NOT_FOUND",
    ExitCode.notFound,
    "bowline ports",
  ],
  [
    "Error: Permission denied, cannot open /dev/x",
    "SERIAL_PERMISSION",
    ExitCode.permission,
    "sudo usermod -aG dialout $USER",
  ],
  [
    "Error Resource temporarily unavailable Cannot lock port",
    "SERIAL_BUSY",
    ExitCode.busy,
    "sudo fuser -v /dev/x",
  ],
  [
    "Error: Device or resource busy, cannot open /dev/x",
    "SERIAL_BUSY",
    ExitCode.busy,
    "sudo fuser -v /dev/x",
  ],
  ["Error: Input/output error, cannot open /dev/x", "SERIAL_OPEN_FAILED", ExitCode.failure, "bowline ports"],
])("'%s' becomes %s", async (text, code, exitCode, mend) => {
  const error = await serialOpenError("/dev/x", new Error(text));
  expect(error).toMatchObject({ code, exitCode, mend });
  expect(error.message).toMatch(/^open serial port \/dev\/x: /);
});

test("a permission error names the group that owns the port, also for a container", async () => {
  const error = await serialOpenError(
    "/dev/tty",
    new Error("Error: Permission denied, cannot open /dev/tty"),
  );
  expect(error.message).toMatch(
    /belongs to group \w+\. Join \w+, then log in again \(in a container: group_add: \["\d+"\]\)/,
  );
});

test("without its native part serialport is SERIAL_UNAVAILABLE, in one line", () => {
  const error = serialUnavailable(new Error("No native build was found\nloaded from: …"));
  expect(error).toMatchObject({ code: "SERIAL_UNAVAILABLE", mend: "bowline doctor" });
  expect(error.message).toContain("load serialport: No native build was found;");
});

test("a node whose device is gone is told apart from a path that leads nowhere", async () => {
  const stale = await serialOpenError("/dev/null", new Error("Error: No such device or address"));
  expect(stale).toMatchObject({ code: "SERIAL_NOT_FOUND", exitCode: ExitCode.notFound });
  expect(stale.message).toContain("its node is there, the device is not; a container keeps nodes");
  const missing = await serialOpenError("/dev/serial/by-id/none", new Error("Error: No such file"));
  expect(missing.message).toContain("is the board plugged in?");
});

const byId = "/dev/serial/by-id/usb-Espruino_Pico_30003B-if00";
const pico = { "dev/ttyACM0": "", [byId.slice(1)]: "-> ../../ttyACM0" };

test("a port that another program reads without a lock is SERIAL_BUSY, with its name and what ends it", async () => {
  const root = await fakeRoot({
    ...pico,
    "proc/812/cmdline": "cat\0/dev/ttyACM0\0",
    "proc/812/fd/3": "-> /dev/ttyACM0",
  });
  const refused = refuseShared(byId, root);
  await expect(refused).rejects.toMatchObject({
    code: "SERIAL_BUSY",
    exitCode: ExitCode.busy,
    mend: "kill 812",
  });
  await expect(refused).rejects.toThrow("held by pid 812 (cat ttyACM0)");
});

test("another gateway is named like any other program", async () => {
  const root = await fakeRoot({
    ...pico,
    "proc/900/cmdline": "/usr/bin/node\0/home/pi/bowline/dist/bowline.mjs\0up\0",
    "proc/900/fd/22": "-> /dev/ttyACM0",
  });
  await expect(refuseShared(byId, root)).rejects.toThrow("held by pid 900 (node bowline.mjs)");
});

test.each([
  ["ModemManager", "sudo systemctl disable --now ModemManager"],
  ["agetty", "sudo systemctl disable --now serial-getty@ttyACM0"],
  ["brltty", "sudo systemctl disable --now brltty"],
])("of %s the service is stopped, which would start it again", async (command, mend) => {
  const root = await fakeRoot({
    ...pico,
    "proc/7/cmdline": `/usr/sbin/${command}\0`,
    "proc/7/fd/3": "-> /dev/ttyACM0",
  });
  await expect(refuseShared(byId, root)).rejects.toMatchObject({ mend });
});

test("a port of nobody, of this process, or none at all is not refused", async () => {
  const other = { "proc/812/cmdline": "cat\0", "proc/812/fd/3": "-> /dev/ttyACM1" };
  await refuseShared(byId, await fakeRoot({ ...pico, ...other }));
  await refuseShared(byId, await fakeRoot({ ...pico, [`proc/${process.pid}/fd/3`]: "-> /dev/ttyACM0" }));
  await refuseShared(byId, await fakeRoot({}));
});
