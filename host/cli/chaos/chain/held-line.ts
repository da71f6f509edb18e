/**
 * Requests that are withdrawn while they cannot have come to their board: one line on their way is held meanwhile, and a
 * gateway is killed before it is let go. Such a request must never run; those beside it that were not withdrawn must.
 *
 *   first    the line next to who asks: the request has left nowhere
 *   later    a line behind a relay, which has the request and is told of the withdrawal
 *   board    the line to the board: its gateway has the request and is told
 *   wire     any line between gateways: the request was written into it and is gone, and the session over it is lost
 *            before it is sent again, behind the withdrawal
 */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Ending } from "../../../chaos/fault-plan.ts";
import type { PeersView } from "../../../http/api.ts";
import { BowlineError } from "../../../platform/errors.ts";
import type { DeviceView } from "../../../router/views.ts";
import { type Random, randomInteger } from "../../../transports/random.ts";
import type { GatewayClient } from "../../gateway/client.ts";
import type { ChainGateway } from "./chain-gateway.ts";
import type { ChainLine } from "./chain-line.ts";
import { type Asked, type FarRequests, untilAnswered } from "./far-requests.ts";

export type Place = "first" | "later" | "board" | "wire";

/** From who asks to the board: gateways, and the line behind each of them; the last leads to the board. */
export interface Way {
  gateways: readonly ChainGateway[];
  lines: readonly ChainLine[];
  requests: FarRequests;
}

export interface HeldLineOptions {
  way: Way;
  place: Place;
  random: Random;
  isGone(): boolean;
  /** A gateway was killed, or started again in order. */
  onAgain(how: "kill" | "restart"): void;
}

/** Requests of one round; of these, the first is not withdrawn, nor is the last. */
const REQUESTS = 5;
const MOST_AWAY_MS = 100;
const LOOK_MS = 10;
/** ms: a withdrawal crosses a chain in fewer. */
const EARLY_MS = 20;

/** Places there are in a chain of `count`. */
export const placesOf = (count: number): Place[] =>
  count === 2 ? ["first", "board", "wire"] : ["first", "later", "board", "wire"];

/** Resolves once all that was not withdrawn has its outcome. */
export async function withdrawBehindHeldLine(options: HeldLineOptions): Promise<void> {
  const { way, place, random, isGone, onAgain } = options;
  const { lines, gateways, requests } = way;
  const at = indexOf(place, gateways.length, random);
  const line = lines[at];
  const ending: Ending = place === "wire" ? "silent" : "reset";
  line.hold(ending);
  try {
    if (place !== "wire") await parted(way, at, isGone);
    const asked: Asked[] = [];
    for (let i = 0; i < REQUESTS; i++) asked.push(await requests.ask());
    // Whoever stands before the line has all that was asked.
    if (at > 0) await answered(gateways[0], gateways[at].name, isGone);
    for (const one of asked.slice(1, -1)) if (random() < 0.7) await withdraw(requests, one);
    const again = async () => {
      for (const gateway of pick(place, gateways, at, random)) {
        const how = random() < 0.7 ? "kill" : "restart";
        await gateway.again(how, random() * MOST_AWAY_MS);
        onAgain(how);
      }
    };
    const isEarly = random() < 0.5;
    // In the midst of what the withdrawals are doing on their way …
    if (isEarly) await setTimeout(random() * EARLY_MS).then(again);
    // … or when whoever stands before the line has all that was withdrawn, too.
    if (at > 0) await answered(gateways[0], gateways[at].name, isGone);
    if (!isEarly) await again();
  } finally {
    line.release();
  }
  await requests.settled();
}

async function withdraw(requests: FarRequests, asked: Asked): Promise<void> {
  const end = await requests.withdraw(asked);
  if (end === "cancelled") asked.isForbidden = true;
  else if (end !== undefined) {
    const text = `withdrawing request ${asked.i}, which cannot have come to its board: it is ${end}; allowed: cancelled`;
    throw new BowlineError("WITHDRAWAL_LOST", text);
  }
}

/** Resolves once gateway `at` of the way knows that its line is gone: until then it may still write into it. */
async function parted({ gateways, requests }: Way, at: number, isGone: () => boolean): Promise<void> {
  const { client } = gateways[at];
  const [, board] = requests.address.split("/");
  const isParted = async (api: GatewayClient) => {
    if (at === gateways.length - 1) {
      const { connected } = (await api.get(`api/v1/devices/${board}`)) as DeviceView;
      return !connected;
    }
    const { peers } = (await api.get("api/v1/peers")) as PeersView;
    return peers.find(({ name }) => name === gateways[at + 1].name)?.state !== "open";
  };
  while ((await untilAnswered({ client, isGone }, isParted)) === false) await setTimeout(LOOK_MS);
}

/**
 * Resolves once gateway `name` has answered a request to itself that `client` makes now: what was asked of it before, and
 * what was withdrawn, it has then. It has no board of that name, and says so.
 */
export async function answered(
  { client }: Pick<ChainGateway, "client">,
  name: string,
  isGone: () => boolean,
): Promise<void> {
  const path = `api/v1/devices/${name}%2Fnobody/requests?timeout=600`;
  const headers = { "idempotency-key": randomUUID() };
  try {
    await untilAnswered({ client, isGone }, (api) => api.post(path, { ot: "l:ask" }, headers));
  } catch (error) {
    if (error instanceof BowlineError && error.code === "REQUEST_REJECTED") return;
    throw error;
  }
  if (!isGone())
    throw new BowlineError("ANSWER_WRONG", `asking ${name} for a board it does not have: it answered`);
}

function indexOf(place: Place, count: number, random: Random): number {
  if (place === "first") return 0;
  if (place === "board") return count - 1;
  return randomInteger(random, place === "later" ? 1 : 0, count - 2);
}

/** Who is killed, or restarted: on the wire always one of the two whose session it is, else any, or nobody. */
function pick(place: Place, gateways: readonly ChainGateway[], at: number, random: Random): ChainGateway[] {
  if (place === "wire") return [gateways[at + randomInteger(random, 0, 1)]];
  const some = gateways.filter(() => random() < 0.4);
  return random() < 0.2 ? [] : some;
}
