/** Which of two sessions with one gateway survives, decided alike at both ends (iotgw §9). */

export interface Contender {
  /** Host id of the side that dialled it. */
  readonly dialler: bigint;
  readonly isConnected: boolean;
}

/**
 * Whether a session that was introduced just now takes the place of the one that stands.
 *
 *   the older    has no connection                     yes: its dialler comes back to it, or begins anew
 *                was dialled by the same side          yes: that side has given it up
 *                by the other                          the one of the lower id survives
 */
export function takesOver(newer: Contender, older: Contender): boolean {
  if (!older.isConnected || newer.dialler === older.dialler) return true;
  return newer.dialler < older.dialler;
}
