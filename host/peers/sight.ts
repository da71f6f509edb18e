/**
 * Whether a board is shown. One that is forgotten is out of sight until it speaks again; its numbers are kept, so that it
 * goes on with them in whichever life it comes.
 */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { RecordChange, Store } from "../store/store.ts";

export interface SightOptions {
  device: string;
  store: Store;
  /** The board's document, which holds whether it is forgotten. */
  document(): RecordChange;
}

export class Sight {
  constructor(
    private readonly options: SightOptions,
    public isForgotten: boolean,
  ) {}

  /**
   * Resolves once that is safe. Rejects while it is connected, or a request to it has no outcome: that one must stay in
   * sight, to be withdrawn. Words that one is no longer wanted may wait for ever, and keep nobody.
   */
  async forget(isConnected: boolean, waiting: number): Promise<void> {
    const { device, store, document } = this.options;
    if (isConnected || waiting > 0) throw busy(device, isConnected, waiting);
    this.isForgotten = true;
    await new Promise<void>((resolve, reject) => {
      store.put([document()], { onCommitted: resolve, onFailed: reject });
    }).catch((fault) => {
      this.remember();
      throw fault;
    });
  }

  /** It speaks. */
  remember(): void {
    if (!this.isForgotten) return;
    this.isForgotten = false;
    this.options.store.putLater([this.options.document()]);
  }
}

function busy(device: string, isConnected: boolean, waiting: number): BowlineError {
  const requests = waiting === 1 ? "1 request waits for it" : `${waiting} requests wait for it`;
  const seen = isConnected ? "it is connected" : requests;
  return new BowlineError(
    "DEVICE_BUSY",
    `forgetting ${device}: ${seen}; allowed: a board that is away and that nothing waits for`,
    ExitCode.busy,
    "bowline devices",
  );
}
