/**
 * Frames of the serial link: SLIP (RFC 1055) around a header, a payload and a CRC-32 (session part 3).
 *
 *   wire:  type:1  link:1  seq:1  payload:~  crc:4   END     crc: CRC-32 of zlib, little-endian, over type…payload
 *          escaped as a whole:  c0 → db dc    db → db dd
 */

export const enum Slip {
  END = 0xc0,
  ESC = 0xdb,
  ESC_END = 0xdc,
  ESC_ESC = 0xdd,
}

export const enum Frame {
  /** type, link, seq. */
  HEADER_SIZE = 3,
  CRC_SIZE = 4,
  /** The CRC-32 of anything followed by its own CRC-32, little-endian. */
  CRC_RESIDUE = 0x2144df1c,
  /** Payload of a frame unless told otherwise, in bytes. */
  MAX_PAYLOAD = 256,
  LINK_VERSION = 1,
}

/** One ASCII letter each, so that a frame can be told in a dump. */
export const enum FrameType {
  ACK = 0x41, // A  OPEN_ACK
  DATA = 0x44, // D
  LOG = 0x4c, // L
  OPEN = 0x4f, // O
  REPL = 0x50, // P
  RESET = 0x52, // R
}

/** Why a link was broken: the payload of RESET, and what onBroken is told. */
export const enum Break {
  CHECKSUM = 0x63, // c
  OVERFLOW = 0x66, // f  the port lost bytes
  OVERSIZE = 0x6f, // o
  ASKED = 0x71, // q
  SEQUENCE = 0x73, // s
  TIMEOUT = 0x74, // t  a partial frame grew old
}

export function isFrameType(type: number): boolean {
  return (
    type === FrameType.DATA ||
    type === FrameType.OPEN ||
    type === FrameType.ACK ||
    type === FrameType.RESET ||
    type === FrameType.LOG ||
    type === FrameType.REPL
  );
}
