import { expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import { serialOpenError, serialUnavailable } from "./serial-errors.ts";

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
  expect(error).toMatchObject({ code: "SERIAL_UNAVAILABLE", mend: "npm install serialport@13.0.0" });
  expect(error.message).toContain("load serialport: No native build was found;");
});
