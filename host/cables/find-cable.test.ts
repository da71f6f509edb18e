import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { findCable } from "./find-cable.ts";

const folder = folderForEach("cables");

test("a cable is found by every name of its device, and by none of another's", async () => {
  const at = (name: string) => join(folder(), name);
  mkdirSync(at("by-id"));
  for (const tty of ["ttyACM0", "ttyACM1"]) writeFileSync(at(tty), "");
  symlinkSync("../ttyACM0", at("by-id/usb-Pico"));
  const cables = [{ path: at("gone") }, { path: at("by-id/usb-Pico") }, { path: at("ttyACM1") }];
  expect(await findCable(cables, at("by-id/usb-Pico"))).toBe(cables[1]);
  expect(await findCable(cables, at("ttyACM0"))).toBe(cables[1]);
  expect(await findCable(cables, at("by-id/../ttyACM1"))).toBe(cables[2]);
  // One that is not plugged in has only its name.
  expect(await findCable(cables, at("gone"))).toBe(cables[0]);
  expect(await findCable(cables, at("nowhere"))).toBeUndefined();
  expect(await findCable([], at("ttyACM0"))).toBeUndefined();
});
