import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkServiceUnit } from "../doctor/service-unit.ts";
import { fakeMachine, told } from "../doctor/testing/fake-machine.ts";
import { folderForEach } from "../testing/folders.ts";
import { unitFile } from "./unit-file.ts";

const folder = folderForEach("unit");
const config = "/etc/bowline/bowline.yaml";
const unit = (...program: string[]) => unitFile({ program, config, group: "dialout" });
const isThere = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe.skipIf(!isThere)("systemd-analyze (needs it: sudo apt-get install systemd)", () => {
  const analyze = (text: string, ...args: string[]) => {
    const file = join(folder(), "bowline.service");
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync("systemd-analyze", [...args, file], { encoding: "utf8" });
    return { status, said: `${stdout}${stderr}` };
  };

  test("verify finds nothing to say of the unit, and would of a mistake in it", () => {
    const good = unit(process.execPath, "/usr/lib/bowline/bin/bowline.mjs");
    expect(analyze(good, "verify", "--man=no")).toEqual({ status: 0, said: "" });
    expect(analyze(good.replace("WatchdogSec=30", "WatchdogSec=soon"), "verify", "--man=no").said).toContain(
      "Failed to parse sec value",
    );
  });

  test("security gives it at most 3.0", () => {
    const { said } = analyze(unit("/usr/bin/bowline"), "security", "--offline=true", "--no-pager");
    const level = Number(/Overall exposure level for bowline\.service: ([\d.]+)/.exec(said)?.[1]);
    expect(level, said).toBeLessThanOrEqual(3);
  });
});

test("doctor finds in it what a gateway needs", async () => {
  const files = { "etc/systemd/system/bowline.service": unit("/usr/bin/bowline") };
  expect(told(await checkServiceUnit(await fakeMachine({ files })))).toEqual([
    "ok bowline.service gives the gateway what it needs",
  ]);
});

test("the command stands in it as systemd reads it", () => {
  expect(unit("/usr/bin/bowline")).toContain(
    "\nExecStart=/usr/bin/bowline up --quiet --config /etc/bowline/bowline.yaml\n",
  );
  expect(unit("/opt/my node/100%", '/opt/$HOME/a"b\\c')).toContain(
    '\nExecStart="/opt/my node/100%%" "/opt/$$HOME/a\\"b\\\\c" up --quiet',
  );
});

test("a driver that comes with the first board is loaded before the list of devices is made", () => {
  const text = unit("/usr/bin/bowline");
  for (const name of ["ttyACM", "ttyUSB", "ttyAMA", "ttyS", "pts"])
    expect(text).toContain(`\nDeviceAllow=char-${name} rw\n`);
  expect(text).toMatch(/^Wants=modprobe@cdc_acm\.service modprobe@usbserial\.service$/m);
  expect(text).toMatch(/^After=.*modprobe@cdc_acm\.service modprobe@usbserial\.service$/m);
});
