/** The networks that the bridge is on, as they are named by who asks. */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { BridgeNetwork } from "./bridge-network.ts";

export class BridgeNetworks {
  readonly all: BridgeNetwork[] = [];

  get first(): BridgeNetwork | undefined {
    return this.all[0];
  }

  find(name: string): BridgeNetwork | undefined {
    return this.all.find((network) => network.name === name);
  }

  /** The first when `name` is absent. Throws NETWORK_UNKNOWN. */
  named(name: string | undefined, attempt: string): BridgeNetwork {
    const network = name === undefined ? this.first : this.find(name);
    if (network !== undefined) return network;
    const known = this.all.map((one) => one.name).join(", ") || "no network is configured";
    const text = `${attempt}: no network ${name ?? ""}; known: ${known}`;
    throw new BowlineError("NETWORK_UNKNOWN", text, ExitCode.notFound, "bowline irc");
  }

  /** The same, where it is online: throws IRC_OFFLINE as well. */
  online(name: string | undefined, asked: string): BridgeNetwork {
    const network = this.named(name, `asking ${asked} over IRC`);
    if (network.edge.state !== "online") {
      const text = `asking ${asked} over IRC: ${network.name} is ${network.edge.state}`;
      throw new BowlineError("IRC_OFFLINE", text, ExitCode.busy, "bowline irc");
    }
    return network;
  }
}
