/** A listener to what passes between a simulated board and its gateway, on the cable or in each connection it makes. */
export interface BoardWire {
  /** The cable is there, or a connection is being made. */
  open(): WireTap;
}

export interface WireTap {
  pass(from: "board" | "gateway", bytes: Uint8Array): void;
  /** The connection is over, or was never made; `why` is "" when nothing failed. */
  over(why: string): void;
}
