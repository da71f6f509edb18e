/** Which cable is meant by the name of a port: any name that leads to the same device is one of it. */
import { realpath } from "node:fs/promises";

export async function findCable<C extends { readonly path: string }>(
  cables: readonly C[],
  path: string,
): Promise<C | undefined> {
  const device = await deviceOf(path);
  const devices = await Promise.all(cables.map((cable) => deviceOf(cable.path)));
  return cables[devices.indexOf(device)];
}

/** A port that is not there has only its name. */
const deviceOf = (path: string) => realpath(path).catch(() => path);
