/** Where each value was written: a line of the file, a variable, or an option. */

/** `key` and `value` are what a person reads: `bowline.yaml:4:2`, `BOWLINE_HTTP_PORT`, `--set http.port`. */
export interface Place {
  readonly kind: "file" | "env" | "set";
  readonly key: string;
  readonly value: string;
}

/** From dotted path (`serial.0.path`, the root is "") to place, in the order in which the values were written. */
export type Places = Map<string, Place>;

/** The place of `path`; failing that, of what was written below it; failing that, the same for what holds it. */
export function nearestPlace(places: Places, path: readonly PropertyKey[]): Place | undefined {
  for (let length = path.length; length >= 0; length--) {
    const dotted = path.slice(0, length).join(".");
    const place = places.get(dotted) ?? firstBelow(places, dotted);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Of several dotted paths the one written last, which is the one that broke a rule between them. */
export function lastWritten(places: Places, paths: readonly string[]): string | undefined {
  return [...places.keys()].filter((path) => paths.includes(path)).at(-1);
}

function firstBelow(places: Places, dotted: string): Place | undefined {
  const prefix = dotted === "" ? "" : `${dotted}.`;
  for (const [path, place] of places) if (path.startsWith(prefix)) return place;
  return undefined;
}
