/** Bytes of our own, of some that are valid during a call only. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  // A Buffer's own slice() is a view.
  return Uint8Array.prototype.slice.call(bytes);
}
