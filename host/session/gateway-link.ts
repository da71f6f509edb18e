/** The gateway's end of the serial link, as its configuration wants it (session part 3). */
import { Frame } from "../../shared/link/frame.ts";
import { createLink, type Link, type LinkHandler, LinkLimit } from "../../shared/link/link.ts";
import { nodeEngine } from "../platform/engine.ts";
import type { WireLimits } from "./exchange.ts";

/** Room for the largest frame, every byte escaped, and large chunks behind it. */
const BUFFER_BYTES = 4096;

export interface LinkSettings {
  /** Bits a second; 10 make a byte on the wire. */
  baud: number;
  interByteTimeoutMs: number;
  syncIntervalMaxMs: number;
}

export function gatewayLink(settings: LinkSettings, handler: LinkHandler): Link {
  const link = createLink(false, 0, nodeEngine, handler, new Uint8Array(BUFFER_BYTES), Frame.MAX_PAYLOAD);
  link.interByteTimeout = settings.interByteTimeoutMs;
  link.rx = LinkLimit.BYTES_IN_FLIGHT;
  link.max = LinkLimit.BYTES_IN_FLIGHT - 9;
  return link;
}

/** What may be on its way on the open link. */
export function limitsOf(link: Link, settings: LinkSettings): WireLimits {
  // No sync packet waits longer than half its interval behind data (session D6).
  const lineBytes = Math.floor(((settings.baud / 10) * settings.syncIntervalMaxMs) / 2000);
  return { window: Math.min(link.peerRx, LinkLimit.BYTES_IN_FLIGHT, lineBytes), rx: link.rx, max: link.max };
}
