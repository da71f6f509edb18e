/** Things by the name that they are called by, in the order in which each name is met first. */
export function byName<T extends { readonly name: string }>(things: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groups.get(thing.name);
    if (group === undefined) groups.set(thing.name, [thing]);
    else group.push(thing);
  }
  return groups;
}
