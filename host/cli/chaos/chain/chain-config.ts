/** The configuration of one gateway of a chain 1 – 2 – 3 …: it knows its neighbours, and those behind them by route. */
import type { Address } from "../../../chaos/fault-proxy.ts";
import { gatewayConfig } from "../gateway-config.ts";
import { nameOf } from "./chain-gateway.ts";

/** ms: an outage that is found by trying again is to cost a run little. */
const RETRY_MIN_MS = 20;
const RETRY_MAX_MS = 300;

export interface ChainPlace {
  number: number;
  count: number;
  folder: string;
  /** What is not flushed is lost with the process. */
  loses: boolean;
  /** How it finds a neighbour; undefined: the neighbour connects. */
  addressOf(neighbour: number): Address | undefined;
}

export function chainConfig({ number, count, folder, loses, addressOf }: ChainPlace): object {
  const others = numbersTo(count).filter((other) => other !== number);
  const neighbours = others.filter((other) => Math.abs(other - number) === 1);
  const end = number === 1 ? count : 1;
  const isEnd = number === 1 || number === count;
  const named = (other: number) => ({
    name: nameOf(other),
    // Boards are at the ends, and each end hears those of the other.
    ...(isEnd && other === end && { subscribe: ["*"] }),
  });
  return {
    ...gatewayConfig(folder, [], loses),
    gateway: { id: nameOf(number), hostId: `${number}` },
    peers: {
      listen: { port: 0 },
      ...{ retryMinMs: RETRY_MIN_MS, retryMaxMs: RETRY_MAX_MS },
      connect: neighbours.map((other) => {
        const address = addressOf(other);
        const dial = address === undefined ? { dial: "never" } : { ...address, dial: "always" };
        return { id: `${other}`, ...named(other), ...dial };
      }),
      routes: others
        .filter((other) => !neighbours.includes(other))
        .map((other) => ({
          ...{ to: `${other}`, via: `${other > number ? number + 1 : number - 1}` },
          ...named(other),
        })),
    },
  };
}

export const numbersTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
