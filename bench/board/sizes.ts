/** The buffers of the smallest client, in bytes: as the firmware has them on a board of 2500 variables. */
export const enum Size {
  /** What the link reads, and what it sends: header, payload, CRC, two stoppers. */
  LINK_IN = 600,
  LINK_OUT = 265,
  PAYLOAD = 256,
  /** A packet cut in two, and packets to be sent: the reserved slot, then all others. */
  PARTIAL = 259,
  SLOT = 258,
  WINDOW = 1024,
  /** Of createSession(): the head of a connection, and what is put together to be sent. */
  HEAD = 42,
  SCRATCH = 64,
  /** Largest packet taken. */
  PACKET = 1024,
}

export const bufferSizes: number[] = [
  Size.LINK_IN,
  Size.LINK_OUT,
  Size.PARTIAL,
  Size.SLOT,
  Size.WINDOW,
  Size.HEAD,
  Size.SCRATCH,
];
