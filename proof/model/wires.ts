/** The connections between two ends, and the messages that are on their way over each. */

/** Messages are whole as they were sent, but for the first, of which a part may have arrived. */
export interface Wire {
  up: readonly Uint8Array[];
  down: readonly Uint8Array[];
  /** Whether each end holds it for alive. */
  clientOn: boolean;
  serverOn: boolean;
  /** The request has arrived. */
  taken: boolean;
}

export interface ServerEnd {
  index: number;
  up: readonly Uint8Array[];
  isWaiting: boolean;
  clientOn: boolean;
}

export class Wires {
  private all: Wire[] = [];

  /** A copy, that nothing changes any more. */
  save(): readonly Readonly<Wire>[] {
    return this.all.map((wire) => ({ ...wire }));
  }

  restore(saved: readonly Readonly<Wire>[]): void {
    this.all = saved.map((wire) => ({ ...wire }));
  }

  open(): void {
    this.all.push({ up: [], down: [], clientOn: true, serverOn: true, taken: false });
  }

  at(index: number): Wire {
    return this.all[index];
  }

  /** The one that the client holds for alive. */
  get ofClient(): Wire | undefined {
    return this.all.find(({ clientOn }) => clientOn);
  }

  /** The one that the server has taken, and holds for alive. */
  get taken(): Wire | undefined {
    return this.all.find(({ taken, serverOn }) => taken && serverOn);
  }

  /** Those that the server may hear: of each, whether bytes are on their way. */
  get serverEnds(): readonly ServerEnd[] {
    return this.all
      .map(({ up, serverOn, clientOn }, index) => ({
        index,
        serverOn,
        clientOn,
        up,
        isWaiting: up.length > 0,
      }))
      .filter(({ serverOn }) => serverOn);
  }

  endClient(wire: Wire): void {
    wire.clientOn = false;
    wire.down = [];
    this.forgetDead();
  }

  endServer(wire: Wire): void {
    wire.serverOn = false;
    wire.up = [];
    this.forgetDead();
  }

  /** As a text, for a machine's key. */
  get key(): string {
    return this.all
      .map(
        ({ up, down, clientOn, serverOn, taken }) =>
          `${clientOn ? 1 : 0}${serverOn ? 1 : 0}${taken ? 1 : 0}${up.join(".")}/${down.join(".")}`,
      )
      .join("|");
  }

  private forgetDead(): void {
    this.all = this.all.filter(({ clientOn, serverOn }) => clientOn || serverOn);
  }
}

/** A packet of one byte and a sync packet are both two bytes. */
export function pairsOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.slice(2 * i, 2 * i + 2));
}

/** So many bytes of the first message, or everything as one chunk (Infinity); and what is left. */
export function takeFirst(
  messages: readonly Uint8Array[],
  bytes: number,
): [Uint8Array, readonly Uint8Array[]] {
  const [first, ...rest] = messages;
  if (bytes === Infinity) return [Uint8Array.from(messages.flatMap((message) => [...message])), []];
  if (bytes >= first.length) return [first, rest];
  return [first.slice(0, bytes), [first.slice(bytes), ...rest]];
}
