/** What people ask of others by this gateway: a board elsewhere, or something that was lost once more. */
import type { NickRefusal } from "../irc/absent-nicks.ts";
import type { Datum } from "../irc-iot/datum.ts";
import { IrcIotError } from "../irc-iot/fault-code.ts";
import type { LostRequest } from "../irc-iot/message.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Addresses } from "./addresses.ts";
import type { BridgeNetwork } from "./bridge-network.ts";
import type { BridgeNetworks } from "./bridge-networks.ts";
import { OwnAsks } from "./own-asks.ts";
import { type AskNetwork, noAnswer, type SayingWatch } from "./own-request.ts";

export interface IrcAsk {
  /** The first when absent. */
  network?: string;
  /** Address of the board, and where it is said: its gateway's nick, or a channel. */
  to: string;
  via: string;
  message: { ot: string; [field: string]: unknown };
  timeoutMs: number;
}

/** What is to be said again (IRC-IoT S-6). */
export interface IrcAgain {
  /** The first when absent. */
  network?: string;
  kind: LostRequest["kind"];
  id: string;
  /** Whom it is said to: a nick or a channel; in a channel `owner` is the nick it is meant for. */
  via: string;
  owner?: string;
}

export class OwnQuestions {
  private readonly asks: OwnAsks;

  constructor(
    private readonly networks: BridgeNetworks,
    private readonly addresses: Addresses,
    private readonly clock: Clock,
  ) {
    this.asks = new OwnAsks(addresses.own, clock);
  }

  /** Asks over IRC -> the Datum that answers. Rejects when none comes, or it cannot be said. */
  ask({ network: name, to, via, message, timeoutMs }: IrcAsk, signal: AbortSignal): Promise<Datum> {
    const network = this.networks.online(name, to);
    this.refuseOwn(to, message.ot);
    refuseUnheard(network, to, via);
    const { edge, participant } = network;
    const say = (datum: Datum, watch: SayingWatch) => {
      try {
        network.sayDatumsOnce(via, [datum], watch);
      } catch (error) {
        if (!(error instanceof IrcIotError) && !(error instanceof RangeError)) throw error;
        throw new BowlineError("REQUEST_INVALID", `asking ${to} over IRC: ${error.message}`, ExitCode.usage);
      }
    };
    const there: AskNetwork = {
      get isOnline() {
        return edge.state === "online";
      },
      isSigning: participant.publicKey !== null,
      say,
    };
    return this.asks.ask({ to, message, timeoutMs }, there, signal);
  }

  /** Asks for something again; what comes arrives as what is heard does. Throws when it cannot be said. */
  again({ network: name, kind, id, via, owner }: IrcAgain): void {
    const network = this.networks.online(name, via);
    refuseUnheard(network, via, via);
    const { participant } = network;
    const request = { kind, rid: id, ...(owner !== undefined && { dst: owner }) };
    try {
      participant.askAgain(request, via, this.clock.now());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new BowlineError("REQUEST_INVALID", `asking ${via} over IRC: ${error.message}`, ExitCode.usage);
    }
  }

  /** -> whether it answers one of them. */
  take(datum: Datum): boolean {
    return datum.re !== undefined && datum.dst === this.addresses.own && this.asks.take(datum);
  }

  /** We do not hear ourselves: its answer would be waited for in vain. */
  private refuseOwn(to: string, ot: string): void {
    const board = this.addresses.toBoard(to);
    if (board === undefined || board.includes("/")) return;
    const text = `asking ${to} over IRC: that is a board of this gateway; allowed: those of others`;
    throw new BowlineError("REQUEST_INVALID", text, ExitCode.usage, `bowline send ${board} ${ot}`);
  }
}

/** Its server has just said so, and nobody of that nick was seen since. */
function refuseUnheard({ edge }: BridgeNetwork, to: string, via: string): void {
  const refusal = edge.refusalOf(via);
  if (refusal !== null) throw noAnswer(to, `${refusalWords(via, refusal)}; nothing was said`);
}

function refusalWords(nick: string, { isAbsent, reason }: NickRefusal): string {
  return isAbsent
    ? `nobody there is called ${nick}`
    : `the server lets nothing of ours through to ${nick} (${reason})`;
}
