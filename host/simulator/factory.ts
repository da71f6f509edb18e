/**
 * What a simulated board left the factory with: a program in a slot, the loader, and its configuration.
 *
 * It comes once, into a Storage that holds no program. From then on a program is renewed when the bundle's file has changed,
 * and only while it is the very one that came from here: what was flashed stays, and what a folder kept does too.
 */
import { readFileSync } from "node:fs";
import { Files, loader, parseSlot, slotImage } from "../../device/layout.mjs";
import type { FlashStorage } from "./storage.ts";

/** A flasher goes on from here. */
const GENERATION = 0;

export class Factory {
  /** The program, as it was read last. */
  private text = "";
  private isDelivered = false;

  constructor(
    /** Source, or the path of a .js file. */
    private readonly bundle: string | undefined,
    private readonly config: object,
  ) {}

  /** Before each start of the board. Throws when the bundle's file cannot be read. */
  deliver(storage: FlashStorage): void {
    if (this.bundle === undefined) return;
    const program = programIn(storage);
    if (!this.isDelivered && program === undefined && storage.read(Files.loader) === undefined) {
      this.install(storage, this.bundle);
      storage.write(Files.config, Buffer.from(JSON.stringify(this.config)));
    } else if (program !== undefined && program === this.text) this.install(storage, this.bundle);
    this.isDelivered = true;
  }

  /** What the program is called in stack traces, if `source` is it. */
  nameOf(source: string, fallback: string): string | undefined {
    if (this.text === "" || source !== this.text) return undefined;
    return isPath(this.bundle as string) ? this.bundle : fallback;
  }

  private install(storage: FlashStorage, bundle: string): void {
    const text = isPath(bundle) ? readFileSync(bundle, "utf8") : bundle;
    const { image, program } = slotOf(text);
    this.text = program;
    storage.write(Files.slots[0], image);
    storage.write(Files.loader, Buffer.from(loader, "latin1"));
  }
}

/** Boards come by the hundred, and most with the same bundle. */
let last: { text: string; image: Uint8Array; program: string } = {
  text: "",
  image: new Uint8Array(),
  program: "",
};

function slotOf(text: string): typeof last {
  if (text !== last.text) {
    const image = slotImage(Buffer.from(text, "utf8").toString("latin1"), GENERATION);
    last = { text, image, program: parseSlot(image)?.program ?? "" };
  }
  return last;
}

/** The one that the loader would choose. */
function programIn(storage: FlashStorage): string | undefined {
  const slots = Files.slots.flatMap((name) => parseSlot(storage.read(name) ?? new Uint8Array()) ?? []);
  return slots.sort((one, other) => other.generation - one.generation)[0]?.program;
}

function isPath(bundle: string): boolean {
  return /^[^\n]+\.js$/.test(bundle);
}
