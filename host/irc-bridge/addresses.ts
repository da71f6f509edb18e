/**
 * Boards as IRC-IoT knows them (spec 600): board sim-1 of gateway kitchen is `sim-1@kitchen`, and so is the board that
 * the router knows as `kitchen/sim-1` when kitchen is another gateway.
 */

export class Addresses {
  constructor(
    /** The id of this gateway. */
    private readonly place: string,
    /** Our own. */
    readonly own: string,
  ) {}

  /** Of a board as the router has it: `sim-1`, `attic/sim-1`. */
  ofBoard(device: string): string {
    const slash = device.indexOf("/");
    if (slash < 0) return `${device}@${this.place}`;
    return `${device.slice(slash + 1)}@${device.slice(0, slash)}`;
  }

  /** As the router has it; undefined: the address is not of the form that boards have. */
  toBoard(address: string): string | undefined {
    const [name, place, ...rest] = address.split("@");
    if (name === "" || place === undefined || place === "" || rest.length > 0 || address.includes("/"))
      return undefined;
    return place === this.place ? name : `${place}/${name}`;
  }

  /** A board as people write it: by its address, as the router has it, or by its name alone. */
  toBoardOfPeople(word: string): string {
    return word.includes("@") ? (this.toBoard(word) ?? word) : word;
  }
}
