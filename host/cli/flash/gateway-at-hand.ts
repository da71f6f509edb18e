/** The running gateway, as far as it can be asked: it lends its ports, and sees boards come. */
import { realpath } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { DeviceList, PortList, StatusView } from "../../http/api.ts";
import { BowlineError } from "../../platform/errors.ts";
import type { DeviceView } from "../../router/views.ts";
import { connectClient, type GatewayClient } from "../gateway/client.ts";
import { lossCodes } from "../gateway/http-call.ts";
import { type BorrowedPort, lendPort } from "../gateway/lend-port.ts";
import type { GatewayOptions } from "../gateway/locate.ts";
import type { Terminal } from "../process/terminal.ts";

const LOOK_MS = 250;
/** It runs, but not for us to ask; or its API is off. Flashing needs none. */
const QUIET_CODES: readonly string[] = ["NOT_RUNNING", "HTTP_DISABLED", "PORT_UNKNOWN"];

/** undefined where none runs. One that runs and cannot be asked is told by `warn`. */
export async function findGateway(
  options: GatewayOptions,
  terminal: Terminal,
  warn: (text: string, mend: string) => void,
): Promise<GatewayAtHand | undefined> {
  try {
    const client = await connectClient(options, terminal);
    const status = (await client.get("api/v1/status")) as StatusView;
    const { serial } = (await client.get("api/v1/ports")) as PortList;
    return new GatewayAtHand(client, status, await Promise.all(serial.map(({ path }) => deviceOf(path))));
  } catch (error) {
    if (!(error instanceof BowlineError) || options.url !== undefined) throw error;
    if (!QUIET_CODES.includes(error.code)) warn(`the gateway was not asked: ${error.message}`, error.mend);
    return undefined;
  }
}

export class GatewayAtHand {
  readonly name: string;
  /** Where boards on the network connect to; null when they may not. */
  readonly tcp: { host: string; port: number } | null;

  constructor(
    private readonly client: GatewayClient,
    { gateway, tcp }: StatusView,
    /** What its configured ports are, each by the kernel's name. */
    readonly devices: readonly string[],
  ) {
    this.name = gateway;
    this.tcp = tcp;
  }

  /** The port, which it then does not touch; undefined when it is none of its own. Rejects as lendPort() does. */
  async lend(path: string, signal: AbortSignal): Promise<BorrowedPort | undefined> {
    if (!this.devices.includes(await deviceOf(path))) return undefined;
    return lendPort(this.client, path, `bowline flash, pid ${process.pid}`, signal);
  }

  /** How often a board has connected, 0 for one that it does not know: the next time is news. */
  async connectionsOf(id: string): Promise<number> {
    return (await this.device(id))?.connections ?? 0;
  }

  /**
   * A board that is connected, and has connected anew since it had `before` connections; undefined when it does not come in
   * time. `via`: `tcp` or `serial`.
   */
  async untilConnected(
    id: string,
    {
      before,
      via,
      timeoutMs,
      signal,
    }: { before: number; via: string; timeoutMs: number; signal: AbortSignal },
  ): Promise<DeviceView | undefined> {
    for (const endsAt = performance.now() + timeoutMs; ; ) {
      const found = await this.device(id).catch((error: unknown) => {
        // It is being restarted, perhaps for the setting that we asked for.
        if (error instanceof BowlineError && lossCodes.includes(error.code)) return undefined;
        throw error;
      });
      const isNew = found?.connected === true && found.connections > before;
      if (isNew && found.via.startsWith(`${via} `)) return found;
      if (performance.now() >= endsAt) return undefined;
      await pause(LOOK_MS, undefined, { signal });
    }
  }

  private async device(id: string): Promise<DeviceView | undefined> {
    const { devices } = (await this.client.get("api/v1/devices")) as DeviceList;
    return devices.find((device) => device.id === id);
  }
}

function deviceOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
