import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkServiceUnit } from "./service-unit.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const unit = "etc/systemd/system/bowline.service";
const good =
  "[Unit]\nStartLimitIntervalSec=0\n[Service]\nUser=bowline\nSupplementaryGroups=dialout\nRestart=always\n";

async function toldOf(text: string, files: Record<string, string> = {}): Promise<string[]> {
  return told(
    await checkServiceUnit(await fakeMachine({ files: { ...(text && { [unit]: text }), ...files } })),
  );
}
const edit = (line: string, section: string) =>
  `-> sudo systemctl edit bowline, and write below [${section}]: ${line}`;

test("there is none, or one that gives what is needed, by itself or by what was added to it", async () => {
  const ok = ["ok bowline.service gives the gateway what it needs"];
  expect(await toldOf("")).toEqual([]);
  expect(await toldOf(good, { ".dockerenv": "" })).toEqual([]);
  expect(await toldOf(good)).toEqual(ok);
  expect(
    await toldOf(good.replace("Restart=always", ""), {
      [`${unit}.d/override.conf`]: "[Service]\nRestart=on-failure\n",
    }),
  ).toEqual(ok);
});

test("its user has the groups that the machine gave him", async () => {
  const text = good.replace("SupplementaryGroups=dialout\n", "");
  expect(await toldOf(text)).toEqual([
    "warn bowline.service: its user bowline is not in group dialout, to which serial ports belong",
    edit("SupplementaryGroups=dialout", "Service"),
  ]);
  expect((await toldOf(text, { "etc/group": "dialout:x:20:pi,bowline\n" }))[0]).toMatch(/^ok /);
  expect((await toldOf(text.replace("User=bowline", "User=root")))[0]).toMatch(/^ok /);
});

test("systemd does not start it again, or gives up", async () => {
  expect(await toldOf(good.replace("Restart=always", "Restart=no"))).toEqual([
    "warn bowline.service: a gateway that ends stays away",
    edit("Restart=always", "Service"),
  ]);
  expect(await toldOf(good.replace("StartLimitIntervalSec=0", ""))).toEqual([
    "warn bowline.service: systemd gives up after five starts in ten seconds",
    edit("StartLimitIntervalSec=0", "Unit"),
  ]);
});

test("the package's unit is looked at, unless there is one in its place", async () => {
  const packaged = { "usr/lib/systemd/system/bowline.service": `${good}PrivateDevices=yes\n` };
  expect((await toldOf("", packaged))[0]).toMatch(/^FAIL .* PrivateDevices hides/);
  expect(await toldOf(good, packaged)).toEqual(["ok bowline.service gives the gateway what it needs"]);
});

test("systemd would not hear it", async () => {
  expect(await toldOf(`${good}Type=notify\n`)).toEqual([
    "FAIL bowline.service: systemd does not hear that the gateway serves, and ends it",
    edit("NotifyAccess=all", "Service"),
  ]);
  expect((await toldOf(`${good}Type=notify\nNotifyAccess=all\n`))[0]).toMatch(/^ok /);
});

test("it hides the devices", async () => {
  expect(await toldOf(`${good}PrivateDevices=yes\n`)).toEqual([
    "FAIL bowline.service: PrivateDevices hides every serial port",
    edit("PrivateDevices=no", "Service"),
  ]);
});
