/** Whether a process is a gateway, by its command: what it holds is not in its way. */
import type { Holder } from "../transports/holders.ts";

/** `node bowline.mjs`, or an installed `bowline`. */
export function isGateway({ command }: Holder): boolean {
  return /(^|\s)bowline(\.mjs)?$/.test(command);
}
