import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openKeys } from "../../admission/key-store.ts";
import { cableFields, defaultId, keyFor, networkFields } from "./board-config.ts";

test("the link runs where and as fast as the console did; what the firmware does by itself is not written", () => {
  expect(cableFields("USB", 9600)).toEqual({ port: null, baud: null });
  expect(cableFields("Serial1", 115_200)).toEqual({ port: "Serial1", baud: null });
  expect(cableFields("Serial2", 9600)).toEqual({ port: "Serial2", baud: 9600 });
  expect(cableFields("Bluetooth", 9600)).toEqual({});
});

test("a board without a name has the one that its firmware would give it", () => {
  expect(defaultId("PICO_R1_3", "33004e00-0f473434-39363231")).toBe("pico_r1_3-363231");
});

test("an open network has no password, a board without SHA-256 no key", () => {
  const address = { host: "10.0.0.1", port: 7700 };
  expect(networkFields({ ssid: "house", password: "secret 88", address, key: "AAAA" })).toEqual({
    wifi: { ssid: "house", password: "secret 88" },
    tcp: address,
    key: "AAAA",
  });
  expect(networkFields({ ssid: "house", password: "", address, key: undefined })).toEqual({
    wifi: { ssid: "house" },
    tcp: address,
  });
});

test("the key that the gateway has is used again; one that was drawn in vain is taken back, and no other", () => {
  const data = mkdtempSync(join(tmpdir(), "bowline-keys-"));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const keys = openKeys(data);
  const first = keyFor("b-1", keys);
  expect(first.isNew).toBe(true);
  expect(keys.get("b-1")?.toString("base64")).toBe(first.key);
  const again = keyFor("b-1", keys);
  expect(again).toMatchObject({ key: first.key, isNew: false });
  again.takeBack();
  expect(keys.get("b-1")).toBeDefined();
  first.takeBack();
  expect(keys.get("b-1")).toBeUndefined();
});
