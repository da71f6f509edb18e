/** Whoever asks boards for something, and waits for what becomes of it through all lives of the gateway. */
import type { Outcome } from "../../host/peers/request-book.ts";
import { BowlineError } from "../../host/platform/errors.ts";
import type { Board } from "./board.ts";
import type { GatewayLife } from "./gateway-life.ts";
import type { Scene } from "./scene.ts";
import { virtualNow } from "./virtual-time.ts";

/** By which a request may be refused; any other is a fault. */
const REFUSALS = ["DEVICE_UNKNOWN", "QUEUE_FULL", "REQUEST_TOO_BIG", "STORE_FAILED"];
/** From less than a round trip to longer than a session lives without a connection, ms. */
const TIMEOUTS_MS = [500, 3000, 20_000, 90_000, 600_000];
const MOST_FILLER = 60;

export class Asker {
  private readonly aborts = new Map<number, AbortController>();

  constructor(private readonly scene: Scene) {}

  ask(
    board: Board,
    timeoutMs = this.scene.chance.pick(TIMEOUTS_MS),
    mayRetry = () => this.scene.chance.hits(0.3),
  ): void {
    const { gateway, ledger, chance } = this.scene;
    if (gateway === null || !gateway.isReady) return;
    const retry = mayRetry();
    const abort = new AbortController();
    const message = { ot: "run", ...(retry && { retry }), s: "y".repeat(chance.integer(0, MOST_FILLER)) };
    const life = ledger.metLife(board.id);
    const deadline = virtualNow() + timeoutMs;
    void gateway.router.submit(board.id, message, timeoutMs, { signal: abort.signal }).then(
      ({ rq, outcome }) => {
        if (this.scene.gateway !== gateway) return;
        const asked = { rq, device: board.id, retry, deadline, life };
        ledger.ask({ ...asked, isNumbered: true, neverLeaves: false, outcome: "" });
        this.aborts.set(rq, abort);
        void this.hear(rq, board.id, outcome, gateway);
      },
      (error) => {
        if (!(error instanceof BowlineError) || !REFUSALS.includes(error.code))
          ledger.breaks(`a request was refused: ${error.stack}`);
      },
    );
  }

  /** Cancels one of those that have no outcome, if there is one. */
  cancel(): void {
    const { ledger, chance } = this.scene;
    const waiting = [...this.aborts].filter(([rq]) => ledger.asked.get(rq)!.outcome === "");
    if (waiting.length === 0) return;
    const [rq, abort] = chance.pick(waiting);
    ledger.cancels(rq);
    abort.abort();
  }

  /** The gateway is gone, and with it whom one would tell. */
  forget(): void {
    this.aborts.clear();
  }

  /** Asks the gateway with this number for the outcome of all that were accepted before it. */
  resume(gateway: GatewayLife, number: number): void {
    const { ledger } = this.scene;
    for (const { rq, device } of ledger.asked.values()) {
      const outcome = gateway.book.outcome(rq);
      if (outcome === undefined)
        ledger.breaks(`request ${rq} was accepted, and gateway ${number} does not know it`);
      else void this.hear(rq, device, outcome, gateway);
    }
  }

  private async hear(
    rq: number,
    device: string,
    outcome: Promise<Outcome>,
    gateway: GatewayLife,
  ): Promise<void> {
    const end = await outcome;
    if (this.scene.gateway !== gateway) return;
    this.scene.ledger.told(rq, end, this.scene.boardOf(device).newest.number);
  }
}
