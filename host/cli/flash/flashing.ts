/** One run of `bowline flash`, from the choice of the port to the hello: a list of steps, and what each leaves behind. */
import { resolve } from "node:path";
import type { Config } from "../../config/schema.ts";
import { configOf, loadBackup } from "../../flash/backup.ts";
import {
  type BoardAtPrompt,
  estimateUploadS,
  flashBoard,
  leave,
  openBoard,
  restart,
  restoreBoard,
} from "../../flash/flash.ts";
import { BowlineError, ExitCode, typedMend } from "../../platform/errors.ts";
import { listPorts } from "../../transports/ports.ts";
import type { BorrowedPort } from "../gateway/lend-port.ts";
import type { Terminal } from "../process/terminal.ts";
import { typedIn } from "../process/typed-in.ts";
import {
  CABLE_HELLO_MS,
  NETWORK_HELLO_MS,
  type Place,
  type SeenHello,
  type Watch,
  watchFor,
} from "./await-hello.ts";
import { choosePort } from "./choose-port.ts";
import { findGateway, type GatewayAtHand } from "./gateway-at-hand.ts";
import { keepLastPort, readLastPort } from "./last-port.ts";
import { nextLines } from "./next-lines.ts";
import { makePlan, type Plan, placeOf } from "./plan.ts";
import type { Report } from "./report.ts";
import { shortened, uploadSteps } from "./upload-steps.ts";
import {
  type FlashOptions,
  namedBaud,
  namedTimeout,
  readWishes,
  refuseTogether,
  type Wishes,
} from "./wishes.ts";

/** A gateway that has its port again hears of the board within a second, unless the board waits between two tries. */
const RECONNECT_MS = 10_000;

/** What became of the board, and where it speaks now; hello: undefined where none is to be expected. */
interface Outcome {
  fields: object;
  place: Place | undefined;
  hello: SeenHello | undefined;
}

export class Flashing {
  constructor(
    private readonly options: FlashOptions,
    private readonly config: Config,
    private readonly backupFolder: string,
    private readonly terminal: Terminal,
    private readonly report: Report,
  ) {}

  async run(): Promise<void> {
    const { options, terminal, report, config } = this;
    refuseTogether(options);
    namedBaud(options);
    namedTimeout(options);
    const wishes = options.restore === undefined ? await readWishes(options, config, terminal) : undefined;
    const gateway = await findGateway(options, terminal, (text, mend) => report.warning(text, mend));
    const path = await this.choose(gateway);
    const loan = await gateway?.lend(path, terminal.signal);
    if (loan !== undefined) report.note(`borrowed from the gateway ${gateway?.name}, which gets it back`);
    let outcome: Outcome;
    try {
      outcome = await this.withBoard(path, wishes, gateway);
    } finally {
      loan?.giveBack();
    }
    await this.tellEnd(path, outcome, gateway, loan);
  }

  private async choose(gateway: GatewayAtHand | undefined): Promise<string> {
    const { options, terminal, report, config } = this;
    const [ports, last] = await Promise.all([listPorts(), readLastPort(config.data)]);
    const question = { named: options.port, ports, kept: gateway?.devices ?? [], last };
    const { path, why } = await choosePort(question, terminal);
    report.note(`port ${path}: ${why}`);
    return path;
  }

  private async withBoard(
    path: string,
    wishes: Wishes | undefined,
    gateway: GatewayAtHand | undefined,
  ): Promise<Outcome> {
    const board = await this.connect(path);
    try {
      await this.rememberPort(path);
      return wishes === undefined
        ? await this.restore(board, gateway)
        : await this.flash(board, wishes, gateway);
    } finally {
      await board.close();
    }
  }

  /** A convenience: that it cannot be kept ends nothing. */
  private async rememberPort(path: string): Promise<void> {
    await keepLastPort(this.config.data, path).catch((error: Error) => {
      this.report.warning(`remembering the port for the next time: ${error.message}`);
    });
  }

  private async connect(path: string): Promise<BoardAtPrompt> {
    const { options, terminal, report } = this;
    const baud = namedBaud(options);
    report.steps = options.restore !== undefined ? 4 : options.dryRun === true ? 1 : 6;
    report.begin("connect");
    const board = await openBoard({
      path,
      bauds: baud === undefined ? undefined : [baud],
      allowReset: options.reset === true,
      signal: terminal.signal,
      onNote: (note) => report.note(note),
    });
    const { identity } = board;
    const { version, board: kind, variables, serial, console } = identity;
    report.redetail(console.startsWith("Serial") ? String(board.baud) : "");
    report.end(`Espruino ${version} ${kind}, ${variables.free} free variables`, {
      ...{ port: path, baud: board.baud, board: kind, espruino: version, serial, console, variables },
    });
    return board;
  }

  private async flash(
    board: BoardAtPrompt,
    wishes: Wishes,
    gateway: GatewayAtHand | undefined,
  ): Promise<Outcome> {
    const { report, terminal, backupFolder, options } = this;
    const plan = await this.untouched(board, () => makePlan(board, wishes, this.config, gateway, report));
    if (options.dryRun === true) return this.untouched(board, () => this.dryRun(board, wishes, plan));
    const { program } = plan;
    report.begin("backup");
    const tell = uploadSteps(report, program.length, board, terminal);
    let mayHaveKey = false;
    const result = await flashBoard(board, {
      program,
      config: plan.fields,
      backupFolder,
      signal: terminal.signal,
      onProgress(step, done, total, note) {
        // bowline.json is written next.
        mayHaveKey ||= step === "verify" || step === "commit";
        tell(step, done, total, note);
      },
    }).catch((error: unknown) => {
      if (!mayHaveKey) plan.key?.takeBack();
      throw error;
    });
    const crc = result.crc.toString(16).padStart(8, "0");
    report.end(`crc32 ${crc} ok`, { crc, slot: result.slot, generation: result.generation });
    const hello = await this.restartAndHear(board, plan.watch, plan.place, plan.id);
    const { slot, generation, bytes, backup, mode } = result;
    return {
      fields: {
        result: "flashed",
        program: wishes.program.name,
        slot,
        generation,
        bytes,
        crc,
        mode,
        backup: backup.path,
      },
      place: plan.place,
      hello,
    };
  }

  /** While nothing is being written, whatever ends it starts what the board holds. */
  private async untouched<T>(board: BoardAtPrompt, look: () => Promise<T>): Promise<T> {
    try {
      return await look();
    } catch (error) {
      await leave(board);
      throw error;
    }
  }

  private async dryRun(board: BoardAtPrompt, { program }: Wishes, plan: Plan): Promise<Outcome> {
    const { identity, baud } = board;
    const bytes = plan.program.length;
    const seconds = estimateUploadS(identity, baud, bytes);
    plan.key?.takeBack();
    await restart(board);
    const names = Object.keys(plan.fields).filter((name) => plan.fields[name] !== null);
    const changes = names.length === 0 ? "as it is" : `with ${names.join(", ")}`;
    this.report.note(`would write ${program.name}, ${bytes} bytes, in about ${seconds} s (${plan.mode})`);
    this.report.note(`would leave bowline.json ${changes}`);
    this.report.note(`would wait for the hello ${plan.watch.by}`);
    const fields = {
      result: "dry run",
      program: program.name,
      bytes,
      seconds,
      mode: plan.mode,
      fields: names,
    };
    return { fields, place: undefined, hello: undefined };
  }

  private async restore(board: BoardAtPrompt, gateway: GatewayAtHand | undefined): Promise<Outcome> {
    const { report, terminal, backupFolder, options } = this;
    const file =
      typeof options.restore === "string" ? { file: resolve(typedIn(terminal), options.restore) } : {};
    report.begin("restore");
    const result = await restoreBoard(board, {
      ...{ backupFolder, signal: terminal.signal, ...file },
      onProgress: (_, done, total, note) => {
        if (note !== "") report.note(note);
        report.progress(done, total);
      },
    });
    const { path, at, to } = result;
    report.end(`${shortened(path, terminal)}, made ${at.slice(0, 16).replace("T", " ")}`, {
      backup: path,
      to,
    });
    const fields = { result: "restored", to, backup: path };
    if (to !== "program") {
      report.begin("restart");
      await restart(board);
      report.end("ok");
      report.begin("first hello");
      report.end(
        to === "prompt" ? "none: the board is at its prompt" : "none: a program of another kind runs",
      );
      return { fields, place: undefined, hello: undefined };
    }
    const restored = configOf(await loadBackup(path));
    const place = placeOf(restored, board);
    const id = typeof restored.id === "string" ? restored.id : undefined;
    const watch = await this.untouched(board, () => watchFor(place, gateway));
    const hello = await this.restartAndHear(board, watch, place, id);
    return { fields, place, hello };
  }

  private async restartAndHear(
    board: BoardAtPrompt,
    watch: Watch,
    place: Place,
    id: string | undefined,
  ): Promise<SeenHello> {
    const { report, terminal, options } = this;
    report.begin("restart");
    const { conversation } = board.prompt;
    conversation.noise = "";
    await restart(board);
    const restartedAt = performance.now();
    report.end("ok");
    report.begin("first hello", `(${watch.by})`);
    const patience = place.kind === "cable" ? CABLE_HELLO_MS : NETWORK_HELLO_MS;
    const timeoutMs = namedTimeout(options) ?? patience;
    const hello = await watch.wait({ timeoutMs, signal: terminal.signal, saidBefore: conversation.noise });
    if (id !== undefined && hello.id !== id) {
      const text = `waiting for the hello of ${id}: that of ${hello.id} came; is the port another board's?`;
      throw new BowlineError("HELLO_OF_ANOTHER", text, ExitCode.verification, "bowline ports");
    }
    const seconds = ((performance.now() - restartedAt) / 1000).toFixed(2);
    report.redetail("");
    report.end(`${seconds} s, ${hello.firmware}, board ${hello.id}`, { hello });
    return hello;
  }

  private async tellEnd(
    path: string,
    { fields, place, hello }: Outcome,
    gateway: GatewayAtHand | undefined,
    loan: BorrowedPort | undefined,
  ): Promise<void> {
    const { report, options } = this;
    const isAtGateway =
      hello !== undefined && loan !== undefined && (await this.comesBack(hello.id, gateway));
    const next =
      place === undefined || isAtGateway ? [] : nextLines(path, place, this.config, gateway !== undefined);
    const isUndoable = options.restore === undefined && options.dryRun !== true;
    // Who had to name the port has to name it again.
    const again = options.port === undefined ? "" : ` --port ${path}`;
    const command = typedMend(`bowline flash --restore${again}`);
    const done = isUndoable ? `done. Undo: ${command}` : "done.";
    const undo = isUndoable ? { undo: command } : {};
    report.result({ ...fields, port: path, hello, isAtGateway, ...undo }, [...next, done]);
  }

  /** The gateway has its port again: the board comes to it, its numbers untouched by our looking. */
  private async comesBack(id: string, gateway: GatewayAtHand | undefined): Promise<boolean> {
    const { report, terminal } = this;
    const found = await gateway?.untilConnected(id, {
      ...{ before: 0, via: "serial", timeoutMs: RECONNECT_MS, signal: terminal.signal },
    });
    if (found !== undefined) report.note(`the gateway has its port again, and ${id} is connected`);
    else
      report.warning(
        `${id} has not come back to the gateway within ${RECONNECT_MS / 1000} s`,
        typedMend("bowline devices"),
      );
    return found !== undefined;
  }
}
