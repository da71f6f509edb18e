/** The port that was flashed last, kept in the data folder by its stable name: it is offered first the next time. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeDataFolder } from "../../platform/data-folder.ts";
import { writeDurably } from "../../platform/durable-file.ts";

const FILE = "flash.json";

/** "" for none, or none that can be read: it is a convenience. */
export async function readLastPort(data: string): Promise<string> {
  if (data === "memory") return "";
  try {
    const { port } = JSON.parse(await readFile(join(data, FILE), "utf8")) as { port?: unknown };
    return typeof port === "string" ? port : "";
  } catch {
    return "";
  }
}

export async function keepLastPort(data: string, port: string): Promise<void> {
  if (data === "memory" || (await readLastPort(data)) === port) return;
  await makeDataFolder(data);
  await writeDurably(join(data, FILE), `${JSON.stringify({ port })}\n`);
}
