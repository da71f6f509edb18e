/** Behind which nick the sender of a chain of fragments is now, and whether it says again what was lost. */

interface Owner {
  nick: string;
  /** It said something again, once. */
  hasAnswered: boolean;
  /** Something was given up that it could have said again. */
  hasFailed: boolean;
}

const MAX_OWNERS = 1024;

export class ChainOwners {
  /** By sender key, the longest unheard first. */
  private readonly owners = new Map<string, Owner>();

  heard(sender: string, nick: string): void {
    const owner = this.owners.get(sender) ?? { nick, hasAnswered: false, hasFailed: false };
    owner.nick = nick;
    this.owners.delete(sender);
    this.owners.set(sender, owner);
    if (this.owners.size <= MAX_OWNERS) return;
    for (const [oldest] of this.owners) {
      this.owners.delete(oldest);
      return;
    }
  }

  nickOf(sender: string): string | null {
    return this.owners.get(sender)?.nick ?? null;
  }

  /** It never answered, as the reference does not: to ask it once is enough. */
  isDeaf(sender: string): boolean {
    const owner = this.owners.get(sender);
    return owner?.hasFailed === true && !owner.hasAnswered;
  }

  answered(sender: string): void {
    const owner = this.owners.get(sender);
    if (owner !== undefined) owner.hasAnswered = true;
  }

  failed(sender: string): void {
    const owner = this.owners.get(sender);
    if (owner !== undefined) owner.hasFailed = true;
  }
}
