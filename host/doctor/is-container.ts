/** Whether this is a container, whose devices and clock are another machine's. */
import { isThere, readText } from "./files.ts";
import type { Machine } from "./machine.ts";

/** What Docker and Podman leave in it. */
const MARKS = [".dockerenv", "run/.containerenv"];

export async function isContainer(machine: Pick<Machine, "root">): Promise<boolean> {
  const marks = await Promise.all(MARKS.map((mark) => isThere(machine, mark)));
  // LXC and systemd-nspawn say so in the environment of the first process, which is root's to read, and here.
  return marks.includes(true) || (await readText(machine, "run/systemd/container")) !== "";
}
