/** Looks now and then whether a file is another than before: the original re-reads its configuration so (MoniQue). */
import { stat } from "node:fs/promises";

/** As often as the original does. */
const LOOK_MS = 60_000;

export class FileWatch {
  private timer: NodeJS.Timeout | undefined;
  private known = "";

  constructor(
    private readonly path: string,
    private readonly onChange: () => Promise<void>,
    private readonly everyMs = LOOK_MS,
  ) {}

  /** Resolves once it is known how the file is now. */
  async start(): Promise<void> {
    this.known = await stampOf(this.path);
    this.timer = setInterval(() => void this.look(), this.everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Resolves once a change was dealt with. */
  async look(): Promise<void> {
    const stamp = await stampOf(this.path);
    // One that is away for a moment is being replaced.
    if (stamp === "" || stamp === this.known) return;
    this.known = stamp;
    await this.onChange();
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return ""; // whoever reads it is told why it cannot be
  }
}
