/** Where each board was heard last, so that one that turns up at another port is told of in one line (users 1). */

const NETWORK = "the network";

export class Whereabouts {
  private readonly last = new Map<string, string>();

  /** Its place before, if this is another; "" if it is where it was, or is new. */
  see(id: string, via: string): string {
    const place = placeOf(via);
    const before = this.last.get(id) ?? place;
    this.last.set(id, place);
    return before === place ? "" : before;
  }
}

/** A cable is known by its path; addresses and ports of the network change by themselves. */
function placeOf(via: string): string {
  return via.startsWith("serial ") ? via : NETWORK;
}
