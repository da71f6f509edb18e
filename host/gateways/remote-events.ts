/** Messages of boards behind other gateways, as they come: each is delivered here as gw2/sim-1's, once and in order. */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { parseEvent } from "./event-content.ts";
import type { Arrived, Effect } from "./frame-intake.ts";
import type { RemoteBoards } from "./remote-boards.ts";

export class RemoteEvents {
  /** Messages that came, those of gateways that were not asked, those that are none, and what the others' stores gave up. */
  readonly counts = { delivered: 0, unasked: 0, faults: 0, missed: 0 };

  constructor(
    private readonly services: { clock: Clock; log: Log; onMessage(message: DeliveredMessage): void },
    private readonly boards: RemoteBoards,
    private readonly isWanted: (gateway: bigint) => boolean,
  ) {}

  /** An EVENT. */
  receive({ id, bytes, contentStart, end }: Arrived): Effect {
    const { clock, log, onMessage } = this.services;
    const gateway = id.origin;
    if (!this.isWanted(gateway)) {
      this.counts.unasked++;
      return {};
    }
    const event = parseEvent(bytes, contentStart, end);
    if (typeof event === "string") {
      this.counts.faults++;
      log.warn({ gateway: `${gateway}`, reason: event }, "an event is not understood");
      return {};
    }
    const { device: board, epoch, seq, t, message, missed = 0 } = event;
    const device = this.boards.addressOf(gateway, board);
    const delivered: DeliveredMessage = {
      ...{ n: 0, device, epoch, seq },
      ...(t !== undefined && { t }),
      ...{ at: clock.wall(), message },
    };
    return {
      message: delivered,
      changes: this.boards.note(gateway, board),
      onCommitted: () => {
        this.counts.delivered++;
        this.counts.missed += missed;
        if (missed > 0)
          log.warn(
            { gateway: `${gateway}`, missed },
            "messages of its boards are lost: its store gave them up",
          );
        this.boards.heard(gateway, board, delivered);
        onMessage(delivered);
      },
    };
  }
}
