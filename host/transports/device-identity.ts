/** Which device a path leads to now, told so exactly that one made anew in the same place is another. */
import { stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * The node by its inode, and the device it stands for by that of its entry in /sys: in a container a node outlives its
 * device, or comes to stand for another (users 21). "" where the path leads nowhere.
 */
export async function identifyDevice(path: string, root = "/"): Promise<string> {
  const node = await lookAt(join(root, path));
  if (node === undefined) return "";
  const device = await lookAt(join(root, "sys/dev/char", formatDeviceNumber(node.rdev)));
  return `${node.dev} ${node.ino} ${node.rdev} ${device?.ino ?? "-"}`;
}

/** As Linux packs major and minor number: 12 and 20 bits. */
export function formatDeviceNumber(rdev: number): string {
  return `${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}`;
}

const lookAt = (path: string) => stat(path).catch(() => undefined);
