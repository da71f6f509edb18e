/** In place of serial-link.ts in a program built for the network alone. */
import type { BoardConfig } from "./board.ts";

export function startSerial(_config: BoardConfig): void {
  "cold";
  throw "built for the network alone";
}

export function onOverflow(): void {
  "cold";
}
