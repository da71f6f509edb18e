/**
 * What the two engines do differently and the protocol needs fast. On the board both are native calls on a view; in
 * Node a view costs an allocation, so both walk the bytes.
 */
export interface Engine {
  /** CRC-32 (zlib's) of bytes[start…end), as 32 bits: negative in Node, for a number above 2^31 would cost an allocation. */
  crc32(bytes: Uint8Array, start: number, end: number): number;
  /** Copies source[start…end) to target[at…]; within one array only leftwards. */
  copy(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): void;
}
