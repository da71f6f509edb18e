/**
 * The frame of ZMTP 3.0.
 *
 * ```
 * wire:  flags:1  size:1  body:size             flags: 01 MORE parts follow, 02 LONG, 04 COMMAND
 *        flags:1  size:8  body:size             with LONG, big-endian
 * ```
 */
export const Flag = { MORE: 1, LONG: 2, COMMAND: 4 } as const;
export const KNOWN_FLAGS = Flag.MORE | Flag.LONG | Flag.COMMAND;

export const SHORT_HEADER_BYTES = 2;
export const LONG_HEADER_BYTES = 9;
/** The longest body behind a short header. */
export const SHORT_BODY_BYTES = 255;
