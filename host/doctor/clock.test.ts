import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkClock } from "./clock.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const rtc = { "sys/class/rtc/rtc0/name": "rtc-ds1307" };
const timesyncd = { "proc/300/comm": "systemd-timesyn\n" };

async function clockOf(files: Record<string, string>, wallMs?: number): Promise<string[]> {
  return told(await checkClock(await fakeMachine({ files, ...(wallMs !== undefined && { wallMs }) })));
}

test.each([
  ["synchronised", { ...timesyncd, "run/systemd/timesync/synchronized": "" }],
  ["kept by chronyd", { "proc/301/comm": "chronyd\n" }],
  ["kept by the machine around this container", { ".dockerenv": "" }],
])("a clock that is %s", async (how, files) => {
  expect(await clockOf(files)).toEqual([`ok clock ${how}`]);
});

test("one that has not heard of a server yet, and has no battery", async () => {
  expect(await clockOf(timesyncd)).toEqual([
    "warn clock not synchronised yet: systemd-timesyncd has heard no server; there is no clock with a battery, so after each start it is wrong",
    "-> timedatectl timesync-status",
  ]);
  expect((await clockOf({ ...timesyncd, ...rtc }))[0]).toMatch(/has heard no server$/);
});

test("one that nothing sets", async () => {
  expect(await clockOf(rtc)).toEqual(["warn nothing sets the clock", "-> sudo timedatectl set-ntp true"]);
});

test("one that is wrong beyond doubt, whoever says that it is synchronised", async () => {
  const files = { "run/systemd/timesync/synchronized": "" };
  expect(await clockOf(files, Date.UTC(1970, 0, 1, 0, 12))).toEqual([
    "FAIL the clock says 1970-01-01 00:12: there is no clock with a battery; messages are kept with a wrong time, and certificates are refused",
    "-> sudo timedatectl set-ntp true",
  ]);
});
