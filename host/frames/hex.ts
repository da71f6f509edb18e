/** Bytes as people read them: `01 00 a0`. */

/** All of them, or the first `most` and that there are more. */
export function formatHex(bytes: Uint8Array, most = bytes.length): string {
  const shown = Array.from(bytes.subarray(0, most), (byte) => byte.toString(16).padStart(2, "0"));
  return bytes.length > most ? `${shown.join(" ")} …` : shown.join(" ");
}
