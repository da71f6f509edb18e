/** In place of tcp-link.ts in a program built for the cable alone. */
import type { BoardConfig } from "./board.ts";

export function startTcp(_config: BoardConfig): void {
  "cold";
  throw "built for the cable alone";
}
