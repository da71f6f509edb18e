/** How far what carries a session vouches for who speaks over it. */
export interface Wire {
  /** A cable: trusted by configuration (session part 4). */
  readonly isCable: boolean;
  /** Nobody between the two can listen: a cable, the loopback, TLS. */
  readonly isPrivate: boolean;
  /** Names in a client certificate that an authority of ours has signed. */
  readonly names: readonly string[];
}

export const cable: Wire = { isCable: true, isPrivate: true, names: [] };
/** Of a session that nothing has carried yet. */
export const nowhere: Wire = { isCable: false, isPrivate: false, names: [] };
