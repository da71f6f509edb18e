/** Whether a port is configured by a name that stays with it, and which name does (users 1, 2). */
import { listPorts } from "./ports.ts";
import { ttyOf } from "./usb-device.ts";

/** Numbered by the kernel in the order of plugging. */
const NUMBERED = /^\/dev\/tty(USB|ACM)\d+$/;
const BY_ID = /^\/dev\/serial\/by-id\//;

/** What to write instead of `path`, as a sentence; "" when it is fine, or when nothing better is known. */
export async function stableNameAdvice(path: string, root = "/"): Promise<string> {
  if (!NUMBERED.test(path) && !BY_ID.test(path)) return "";
  const tty = await ttyOf(path, root);
  const name = (await listPorts(root)).find(({ device }) => device === `/dev/${tty}`)?.name ?? "";
  if (NUMBERED.test(path)) {
    const better = name === "" || name === path ? "its name under /dev/serial/by-id or by-path" : name;
    return `${path} may be another port after the next start; write ${better}`;
  }
  // listPorts() names twins by-path.
  if (name === "" || BY_ID.test(name)) return "";
  return `${path} is the name of two equal devices, of whichever was plugged last; write ${name}`;
}
