/** The devices that the configured ports lead to now, as the kernel names them. */
import { realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Machine } from "./machine.ts";

export async function configuredDevices({
  root,
  config,
}: Pick<Machine, "root" | "config">): Promise<string[]> {
  const base = await realpath(root);
  const ports = config.serial.filter(({ enabled }) => enabled);
  const found = await Promise.all(ports.map(({ path }) => realpath(join(root, path)).catch(() => "")));
  return found.filter((path) => path !== "").map((path) => join("/", relative(base, path)));
}
