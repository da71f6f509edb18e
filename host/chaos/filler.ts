/** What the numbered messages of `bowline chaos` carry, both ways: device/testing/chaos.ts makes the same on the board. */

const TEXT = "The quick brown fox jumps over the lazy dog, 0123456789 times a day.";

/** Filler of message `i`: 0…46 characters, so that packets differ in size and any other byte in them shows. */
export function filler(i: number): string {
  return TEXT.slice(i % 16, (i % 16) + ((i * 7) % 47));
}
