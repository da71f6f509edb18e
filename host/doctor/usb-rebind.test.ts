import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";
import { checkUsbRebind } from "./usb-rebind.ts";

afterEach(removeFakeRoots);

const toldOf = async (rebindWhenSilent: boolean, forbidden: string[] = []) =>
  told(
    await checkUsbRebind(
      await fakeMachine({ config: { serial: [{ path: "/dev/x", rebindWhenSilent }] }, forbidden }),
    ),
  );

test("it is not asked for, is allowed, or is not", async () => {
  const unbind = "/sys/bus/usb/drivers/usb/unbind";
  expect(await toldOf(false, [unbind])).toEqual([]);
  expect(await toldOf(true)).toEqual(["ok USB devices may be rebound"]);
  const files = `/sys/bus/usb/drivers/usb/bind ${unbind}`;
  expect(await toldOf(true, [unbind])).toEqual([
    "warn rebindWhenSilent is set, and pi may not rebind USB devices",
    `-> sudo chgrp dialout ${files} && sudo chmod g+w ${files}`,
    "-> which lasts until the next start; or set rebindWhenSilent: false",
  ]);
});
