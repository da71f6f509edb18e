/**
 * Why a connection or a session ended. Numbers on the board, where a name costs memory; names for people.
 * Each has its line in PROTOCOL.md.
 */
export const enum Code {
  /** No sync packet came within syncIntervalMax · 2 (session §2). */
  DEAD = 2,
  /** The handshake or the exchange of state took longer than it may. */
  HANDSHAKE_TIMEOUT = 3,
  /** Closed in agreement: `00 ff` and its answer (session §3.2). */
  CLOSED = 4,
  /** A newer connection claimed the session; the newest wins (D10). */
  REPLACED = 5,
  /** Nobody came back within sessionExpire (session §2). */
  EXPIRED = 6,
  /** The server does not know the session: handshakeCode 2 (session §1.3). */
  SESSION_UNKNOWN = 7,
  /** handshakeCode 1, or a version we do not speak (session §1.4). */
  VERSION_UNSUPPORTED = 8,
  /** A handshakeCode above 2. */
  HANDSHAKE_CODE = 9,
  /** A session id longer than 32 bytes (D7), or an empty one in an answer. */
  SESSION_ID_SIZE = 10,
  /** Intervals of 0, or the shortest above the longest. */
  STATE_RANGE = 11,
  /** A number above 2^53−1 (D14). */
  VARINT_RANGE = 12,
  /** A packet above the configured maximum (D5). */
  PACKET_TOO_LARGE = 13,
  /** startPacketIndex above what was received: packets are gone (D3). */
  PACKET_GAP = 14,
  /** receiveCount 201…254 (D4). */
  RECEIVE_COUNT_RESERVED = 15,
  /** More acknowledged than is outstanding (D4). */
  ACK_BEYOND_SENT = 16,
  /** The first packet was no hello, or not one that can be read (session part 4). */
  HELLO_INVALID = 17,
  /** An epoch came back after a newer one of the same id: two boards share an id (session part 4). */
  DUPLICATE_ID = 18,
  /** A newer session of the same speaker was accepted (D9). */
  SUPERSEDED = 19,
  /** What waits for this side is more than it may hold (D8, D9). */
  TOO_MANY = 20,
  /** A board without a key where one is needed, or whose key the gateway does not have (session part 4). */
  KEY_NEEDED = 21,
  /** What should prove the key does not, or something else came in its place (session part 4). */
  PROOF_INVALID = 22,
  /** Hello and proof took more time or more bytes than they may (session part 4). */
  ADMISSION_OVERDUE = 23,
  /** The key was taken from the board, or another given. */
  KEY_REVOKED = 24,
  /** More was sent than the window we announced has room for (D6). */
  WINDOW_IGNORED = 25,
  /** The other side does not read what is written to it. */
  NOT_READING = 26,
  /** The other gateway, or this one, does not want to know who was introduced: iotgw's errors 32 and 33. */
  INTRODUCTION_REFUSED = 27,
  /** The other gateway was taken out of the configuration. */
  PEER_REMOVED = 28,
  /** The gateway's store does not take anything at present: what came is not acknowledged, and is to come again (D17). */
  STORE_FAILED = 30,
}
