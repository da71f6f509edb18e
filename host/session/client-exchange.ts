/** The client's side of a fresh wire: the session asks for itself at once, new or again (session §1, D13). */
import { Limit, Phase } from "../../shared/session/state.ts";
import type { Carrier } from "./carrier.ts";
import type { ClientSession } from "./client-session.ts";
import { ADMISSION_MS, Exchange } from "./exchange.ts";

export class ClientExchange extends Exchange {
  readonly acceptor = null;

  constructor(
    carrier: Carrier,
    private readonly client: ClientSession,
  ) {
    super(carrier);
    // One that is over has nothing to ask for: the wire stays silent until whoever opened it closes it.
    if (client.session.phase === Phase.ENDED) return;
    this.session = client;
    client.session.maxInFlight = Limit.NONE;
    client.session.window = client.peerRx;
    client.connect(carrier);
  }

  override hear(bytes: Uint8Array, start: number, end: number, now: number): void {
    super.hear(bytes, start, end, now);
    // The handshake has a time of its own: what the other side says of itself has it from there on.
    if (this.admitBy === Infinity && this.client.session.phase === Phase.OPEN)
      this.admitBy = now + ADMISSION_MS;
  }
}
