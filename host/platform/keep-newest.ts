/** Maps that remember what came last, and no more than so much. */

/** `key` is the newest now; of more than `most` the oldest goes. */
export function keepNewest<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}
