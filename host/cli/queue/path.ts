/** Where the API has the queue of a board or gateway. */

/** `behind`: what of it, "packets", say. */
export function queuePath(peer: string, behind = ""): string {
  // Of a board that is called as a word of the API is, a letter is escaped: that is still its name, and no longer the word.
  const name = peer === "dead" ? "%64ead" : encodeURIComponent(peer);
  return `api/v1/queue/${name}${behind === "" ? "" : `/${behind}`}`;
}
