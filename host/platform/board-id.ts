/** What a board or a gateway may be called: names are used in addresses, file names and IRC (session part 4). */

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** For errors. */
export const ID_ALLOWED = "1 to 63 letters, digits, dots, dashes and underscores";

export function isBoardId(text: string): boolean {
  return ID.test(text);
}
