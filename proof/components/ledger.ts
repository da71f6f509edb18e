/** What a worker wrote down of the tasks that it began and ended; each life of a worker has a file of its own. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

interface Life {
  file: string;
  /** It was ended by kill -9. */
  wasShot: boolean;
}

export class Ledger {
  /** By task: lives that began it, and that ended it. */
  readonly begun = new Map<string, Life[]>();
  readonly ended = new Map<string, Life[]>();
  private readonly lives: Life[] = [];

  constructor(private readonly folder: string) {}

  /** The file that the next life writes. */
  open(): string {
    const file = join(this.folder, `ledger-${this.lives.length}`);
    this.lives.push({ file, wasShot: false });
    return file;
  }

  shot(file: string): void {
    for (const life of this.lives) if (life.file === file) life.wasShot = true;
  }

  async read(): Promise<void> {
    this.begun.clear();
    this.ended.clear();
    for (const life of this.lives) {
      const text = await readFile(life.file, "utf8").catch(() => "");
      for (const line of text.split("\n")) {
        const [what, id] = line.split(" ");
        if (id === undefined) continue;
        const all = what === "begin" ? this.begun : this.ended;
        all.set(id, [...(all.get(id) ?? []), life]);
      }
    }
  }

  /** One of those that began it was ended by kill -9. */
  wasShot(id: string): boolean {
    return (this.begun.get(id) ?? []).some(({ wasShot }) => wasShot);
  }
}
