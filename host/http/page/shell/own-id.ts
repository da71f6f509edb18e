/** An id that no other element of the page has. */
import { useState } from "preact/hooks";

let given = 0;

/** Preact's useId counts anew where a root is drawn again and again: what came later had the id of what was there. */
export function useOwnId(): string {
  const [id] = useState(() => `own-${++given}`);
  return id;
}
