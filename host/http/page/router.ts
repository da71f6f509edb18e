/** Which view the address names: `#/board/pico-kitchen` is the view "board" with the argument "pico-kitchen". */

export interface Place {
  /** "" is the first view. */
  view: string;
  /** Decoded; "" without one. */
  argument: string;
}

/** Anything that is no address of ours is the first view. */
export function placeOf(hash: string): Place {
  const [, view = "", argument = ""] = /^#\/([a-z]*)(?:\/([^/]*))?\/?$/.exec(hash) ?? [];
  try {
    const decoded = decodeURIComponent(argument);
    // Typed by hand: who knows the list by this name looks there for one of it.
    return { view: view === "boards" && decoded !== "" ? "board" : view, argument: decoded };
  } catch {
    return { view, argument: "" }; // not percent-encoded UTF-8: a link that was cut
  }
}

export function href(view: string, argument = ""): string {
  return argument === "" ? `#/${view}` : `#/${view}/${encodeURIComponent(argument)}`;
}

export const isSame = (a: Place, b: Place) => a.view === b.view && a.argument === b.argument;
