/** Batches in which a server or a bouncer says again what was said before: a command in one must not run a second time. */
import type { IrcMessage } from "irc-framework/src/client.js";

const kinds = new Set(["chathistory", "znc.in/playback"]);
/** Open at once; of more the oldest is forgotten. */
const MAX_BATCHES = 64;

export class Replays {
  private readonly open = new Set<string>();

  /** BATCH +name kind …, or BATCH -name. */
  batch(message: IrcMessage): void {
    const [name = "", kind = ""] = message.params;
    if (name[0] === "-") this.open.delete(name.slice(1));
    else if (kinds.has(kind) || this.has(message)) {
      if (this.open.size >= MAX_BATCHES) this.open.delete(this.open.values().next().value!);
      this.open.add(name.slice(1));
    }
  }

  /** Whether the line is in one. */
  has({ tags }: IrcMessage): boolean {
    return tags.batch !== undefined && this.open.has(tags.batch);
  }
}
