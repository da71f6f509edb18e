/** Whether the store can be written where it is to lie, has room, and outlives the power. */
import { dirname } from "node:path";
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** tmpfs and ramfs: what lies there is gone with the power. */
const IN_MEMORY: readonly number[] = [0x0102_1994, 0x8584_58f6];
/** Less than LevelDB takes to open, and for a log: it would refuse at once. */
const LEAST_BYTES = 16 << 20;
/** The disk may need twice the store for a while (store.maxBytes). */
const WHILE_COMPACTING = 2;

const data = findings("data");

export async function checkDataFolder(machine: Machine): Promise<Finding[]> {
  const folder = machine.config.data;
  if (folder === "memory")
    return [
      data.warn(
        "store in memory (data: memory): messages are lost when the gateway stops",
        "set data to a folder",
      ),
    ];
  const place = await nearest(machine, folder);
  const node = await machine.look(place);
  if (node !== undefined && !node.isFolder)
    return [data.fail(`data folder ${folder}: ${place} is no folder`, "set data to another folder")];
  if (!(await machine.mayWrite(place))) return [data.fail(...notWritable(folder, place, machine.user.name))];
  return [await checkSpace(machine, folder, place)];
}

/** The folder itself, or the first above it that is there, in which it will be made. */
async function nearest(machine: Machine, folder: string): Promise<string> {
  let at = folder;
  while ((await machine.look(at)) === undefined && dirname(at) !== at) at = dirname(at);
  return at;
}

function notWritable(folder: string, place: string, user: string): [string, string] {
  if (place === folder)
    return [`data folder ${folder}: ${user} may not write to it`, `sudo chown -R ${user} ${folder}`];
  const seen = `data folder ${folder}: ${user} may not make it in ${place}`;
  return [seen, `sudo mkdir -p ${folder} && sudo chown ${user} ${folder}`];
}

async function checkSpace(machine: Machine, folder: string, place: string): Promise<Finding> {
  const { freeBytes, type } = await machine.space(place);
  const wanted = WHILE_COMPACTING * machine.config.store.maxBytes;
  const free = `data folder ${folder}: ${megabytes(freeBytes)} free`;
  if (freeBytes < LEAST_BYTES) return data.fail(`${free}, too little for any store`, `df -h ${place}`);
  if (IN_MEMORY.includes(type))
    return data.warn(
      `data folder ${folder} is in memory (tmpfs): it is empty after each start of the machine`,
      "set data to a folder on a disk",
    );
  if (freeBytes >= wanted) return data.ok(free);
  const seen = `${free}; a store of store.maxBytes may need ${megabytes(wanted)} for a while`;
  const fitting = Math.max(1 << 20, Math.floor(freeBytes / WHILE_COMPACTING / (1 << 20)) << 20);
  return data.warn(seen, `df -h ${place}, then free some space; or set store.maxBytes to ${fitting}`);
}

const megabytes = (bytes: number) =>
  `${Math.floor(bytes / 1e6)
    .toLocaleString("en")
    .replaceAll(",", " ")} MB`;
