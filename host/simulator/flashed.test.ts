/** What is flashed, on the real interpreter: the loader's choice, its guard against boot loops, and what memory is left. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { Files, loader, slotImage, TRAILER_BYTES } from "../../device/layout.mjs";
import { until } from "../platform/testing/until.ts";
import { startGateway } from "../testing/gateway.ts";
import { heapOf, Interpreter, interpreters } from "../testing/interpreter.ts";
import { serialRelay } from "../testing/relay.ts";

/** Variables of the smaller boards, and how many of them are the author's own, with an example running. */
const SMALL_HEAP = 2500;
const LEFT_FREE = 1500;

const [slotA, slotB] = Files.slots;
const toStop: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of toStop.splice(0).reverse()) await thing.stop();
});

function boardAt(path: string): Interpreter {
  const board = new Interpreter(path);
  toStop.push(board);
  return board;
}

/** Behind a program: what is free while nothing happens, connected. */
const tellIdle = `setTimeout(function(){require("Storage").write("idle","="+process.memory().free+"=")},5300);\n`;

const says = (word: string) => `print("<"+"${word}>");setInterval(function(){},1e6);\n`;

function withoutTrailer(image: Buffer): Buffer {
  return image.fill(0xff, image.length - TRAILER_BYTES);
}

async function said(board: Interpreter, text: string): Promise<void> {
  await until(() => expect(board.output).toContain(text));
}

/** The marks of starts, which are asked for at the console. */
async function marksOf(board: Interpreter): Promise<string> {
  board.type(`print("<"+"marks "+require("Storage").read("${Files.marks}").substr(0,24)+">")`);
  await said(board, "<marks ");
  return /<marks (\w*)/.exec(board.output)?.[1] ?? "";
}

const boards = interpreters.map((path) => ({ path, name: basename(path) }));
describe
  .skipIf(boards.length === 0)
  .each(boards.length > 0 ? boards : [{ path: "", name: "no interpreter" }])(
  "what is flashed on $name (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  ({ path }) => {
    test.each([
      ["the newer of two", slotImage(says("old"), 9), slotImage(says("new"), 10), "<new>"],
      [
        "the newer of two, the other way round",
        slotImage(says("new"), 10),
        slotImage(says("old"), 9),
        "<new>",
      ],
      [
        "the older, where of the newer the trailer is missing",
        slotImage(says("old"), 1),
        withoutTrailer(slotImage(says("new"), 2)),
        "<old>",
      ],
      [
        "the older, where of the newer a byte has changed",
        slotImage(says("old"), 1),
        slotImage(says("new"), 2).fill("w", 10, 11),
        "<old>",
      ],
    ])("the loader runs %s", async (_, a, b, expected) => {
      const board = boardAt(path);
      await board.startWith({ [Files.loader]: loader, [slotA]: a, [slotB]: b });
      await said(board, expected);
      expect(board.output.match(/<\w+>/g)).toEqual([expected]);
    });

    test("after three starts that did not become healthy it stays at its prompt, and after a good one it does not", async () => {
      const board = boardAt(path);
      await board.startWith({ [Files.loader]: loader, [slotA]: slotImage(says("running"), 0) });
      for (let start = 1; start <= 3; start++) {
        await said(board, "<running>");
        await board.restart();
      }
      await said(board, "bowline: 3 starts failed");
      expect(board.output).not.toContain("<running>");
      expect(await marksOf(board)).toBe("bootbootboot");
      board.type(`require("Storage").write("${Files.marks}","good",12);load()`);
      await said(board, "<running>");
    });

    test.each(["thermometer", "button", "blind"])(
      "with %s the firmware marks its start as good, and leaves memory and no garbage",
      async (example) => {
        const folder = await mkdtemp(join(tmpdir(), "bowline-flashed-"));
        toStop.push({ stop: () => rm(folder, { recursive: true, force: true }) });
        const app = join(folder, "app.js");
        await buildDevice({
          entry: `device/examples/${example}.ts`,
          links: "cable",
          outfile: app,
          quiet: true,
        });
        const relay = await serialRelay();
        toStop.push(relay);
        const gw = await startGateway([
          `serial.0.path=${relay.gatewayEnd}`,
          "serial.0.interByteTimeoutMs=3000",
        ]);
        toStop.push(gw);
        const board = boardAt(path);
        const config = { id: "esp-1", port: "Serial1", path: relay.boardEnd, interval: 1, grace: 0 };
        await board.startWith({
          [Files.config]: JSON.stringify(config),
          [Files.loader]: loader,
          [slotB]: slotImage((await readFile(app, "latin1")) + tellIdle, 0),
        });
        const telemetry = () => gw.messages.filter((m) => m.message.ot === "l:telemetry");
        await gw.until("telemetry", () => telemetry().length >= 12);
        // What it tells is what is left while it is being told; during the first messages tellIdle still waits.
        const free = telemetry().map((m) => m.message.free as number);
        const later = free.slice(7);
        expect(Math.max(...later) - Math.min(...later), `free: ${free}`).toBeLessThan(5);
        const idle = Number(/=(\d+)=/.exec((await board.flash()).toString("latin1"))?.[1]);
        if ((await heapOf(path)).variables === SMALL_HEAP) expect(idle).toBeGreaterThanOrEqual(LEFT_FREE);
        await until(async () => (await board.flash()).includes("bootgood"));
      },
    );
  },
);
