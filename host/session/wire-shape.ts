/** How far the two directions of a connection have come, as it is told to whoever listens. */

/** What comes next of one side's session bytes; "nothing": the link is closed, or what follows is not read. */
export type Stage = "request" | "reply" | "state" | "packets" | "nothing";

export interface SideState {
  stage: Stage;
  /** The global index of its next packet, at stage "packets". */
  index: number;
  /** Hex: what there is already of the message that comes next. */
  partial: string;
}

export interface LinkState {
  isOpen: boolean;
  /** Its link byte. */
  id: number;
  /** Of the next DATA frame of each side. */
  seqs: { board: number; gateway: number };
  /** Hex: what there is already of the board's next frame. */
  partial: string;
  /** When bytes were heard last, in ms of the monotonic clock, and the silence after which a partial frame is given up. */
  heardAt: number;
  interByteTimeoutMs: number;
}

export interface WireState {
  /** null on a socket, where the session's bytes travel bare. */
  link: LinkState | null;
  board: SideState;
  gateway: SideState;
}
