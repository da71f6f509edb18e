/** Where and how the hello of a board that was just restarted is seen. */
import type { BoardHello } from "../../../shared/message.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { type Address, isOurs, isServed } from "./board-network.ts";
import type { GatewayAtHand } from "./gateway-at-hand.ts";
import { type HearOptions, hearOnCable, hearOnNetwork, tryListening } from "./hear-board.ts";

/** From restart to hello: 3 s of grace, a start from flash, and up to a second until the link opens. */
export const CABLE_HELLO_MS = 20_000;
/** And a Wi-Fi that is joined, at the second try perhaps. */
export const NETWORK_HELLO_MS = 90_000;

/** Where the board speaks once it runs. */
export type Place =
  | { kind: "cable"; path: string; baud: number }
  | { kind: "network"; id: string; address: Address };

export interface SeenHello {
  via: string;
  id: string;
  firmware: string;
  board: string;
  /** "" before a gateway gave it one. */
  epoch: string;
  /** Number of its next message; undefined where the gateway saw the hello, and not we. */
  seq: number | undefined;
}

/** Known before flashing, so that nothing is flashed whose hello nobody could see. */
export interface Watch {
  /** Who sees it, for people. */
  by: string;
  wait(options: HearOptions): Promise<SeenHello>;
}

/** Rejects with HELLO_UNSEEN (2): the gateway is on another machine, which was not named; or as listening here does. */
export async function watchFor(place: Place, gateway: GatewayAtHand | undefined): Promise<Watch> {
  if (place.kind === "cable") return watchCable(place);
  const { id, address } = place;
  if (isServed(address, gateway)) return watchGateway(id, gateway);
  const where = `${address.host}:${address.port}`;
  if (isOurs(address)) {
    await tryListening(address);
    return {
      by: `here, on ${where}`,
      wait: async (options) => seen(await hearOnNetwork(id, address, options)),
    };
  }
  const text = `watching for the hello of ${id}: it goes to ${where}, another machine, whose gateway is not known here`;
  throw new BowlineError(
    "HELLO_UNSEEN",
    text,
    ExitCode.usage,
    "--url with that gateway's address, and its token as BOWLINE_TOKEN",
  );
}

function watchCable({ path, baud }: { path: string; baud: number }): Watch {
  return {
    by: `on its cable, at ${baud} baud`,
    wait: async (options) => seen(await hearOnCable(path, baud, options)),
  };
}

async function watchGateway(id: string, gateway: GatewayAtHand): Promise<Watch> {
  const before = await gateway.connectionsOf(id);
  return {
    by: `by the gateway ${gateway.name}`,
    async wait({ timeoutMs, signal }) {
      const found = await gateway.untilConnected(id, { before, via: "tcp", timeoutMs, signal });
      if (found !== undefined) {
        const { via, firmware, board, epoch } = found;
        return { via, id, firmware, board, epoch, seq: undefined };
      }
      const seconds = Math.round(timeoutMs / 1000);
      const text = `waiting ${seconds} s for ${id} at the gateway ${gateway.name}: it did not come; usual causes: a wrong Wi-Fi password, a network of 5 GHz, a firewall, another key`;
      const mend =
        "bowline flash again with --wifi; the gateway's log says whom it refused; bowline flash --cable puts the board back on its cable";
      throw new BowlineError("NO_HELLO", text, ExitCode.timeout, mend);
    },
  };
}

function seen({ hello, via }: { hello: BoardHello; via: string }): SeenHello {
  const { id, fw, board, epoch, seq } = hello;
  return { via, id, firmware: fw, board, epoch, seq };
}
