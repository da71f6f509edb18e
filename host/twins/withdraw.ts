/** A request to a board taken back (MoniQue KILL4): without a trace while no byte of it has left, else the board frees what it held. */
import type { LocalKill } from "../hub/local-workers.ts";
import type { Router } from "../router/router.ts";

export type Withdrawing = Pick<Router, "hasLeft" | "cancel" | "whenStopped">;

/** Resolves once it is known: of one that had left not before the board has acknowledged that it is told, or the next gateway. */
export async function withdraw(router: Withdrawing, rq: number): Promise<LocalKill> {
  const hasLeft = router.hasLeft(rq);
  if (!router.cancel(rq)) return "unknown";
  if (!hasLeft) return "withdrawn";
  return router.whenStopped(rq);
}
