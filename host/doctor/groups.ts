/** The groups of the machine, and who was put into them. */
import { readText } from "./files.ts";
import type { Machine } from "./machine.ts";

export interface Group {
  name: string;
  id: number;
  members: readonly string[];
}

// dialout:x:20:pi,anna
export async function readGroups(machine: Pick<Machine, "root">): Promise<Group[]> {
  const lines = (await readText(machine, "etc/group")).split("\n").map((line) => line.split(":"));
  return lines
    .filter((fields) => fields.length === 4)
    .map(([name, , id, members]) => ({ name, id: Number(id), members: members.split(",") }));
}
