/** Gateways in a chain 1 – 2 – 3 …, the lines between them, and boards at both ends, each with a line of its own. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ChaosBoard } from "../../../chaos/chaos-board.ts";
import type { Address } from "../../../chaos/fault-proxy.ts";
import { GatewayChild, type GatewayChildOptions, withoutSettings } from "../gateway-child.ts";
import { chainConfig, numbersTo } from "./chain-config.ts";
import { ChainGateway, nameOf } from "./chain-gateway.ts";
import { ChainLedger } from "./chain-ledger.ts";
import { ChainLine, type CutCount } from "./chain-line.ts";
import { FarRequests } from "./far-requests.ts";
import type { Way } from "./held-line.ts";

export interface ChainOptions extends Pick<GatewayChildOptions, "program" | "env" | "set" | "signal"> {
  folder: string;
  bundle: string;
  seed: number;
  gateways: number;
  boards: number;
  packets: number;
  count: CutCount;
  /** Bytes that a line carries, about, from one cut to the next. */
  meanBytes: number;
  loses: boolean;
  onDied(text: string): void;
  onComplaint(text: string): void;
  isGone(): boolean;
}

/** A board, and the way to it from the far end. */
export interface FarBoard {
  ledger: ChainLedger;
  board: ChaosBoard;
  /** Its gateway, and the one at the far end, that hears it and asks it. */
  home: ChainGateway;
  far: ChainGateway;
  way: Way;
}

const runFile = promisify(execFile);
/** Each line has a sequence of its own, so that what one carries does not move the faults of another. */
const SEED_STEP = 7919;

export class Chain {
  readonly gateways: ChainGateway[];
  readonly boards: FarBoard[] = [];
  /** Between gateway i + 1 and the next. */
  readonly between: ChainLine[];
  private readonly lines: ChainLine[] = [];

  constructor(private readonly options: ChainOptions) {
    const { gateways: count, ...rest } = options;
    this.gateways = numbersTo(count).map((number) => {
      const cwd = this.folderOf(number);
      const configFile = join(cwd, "bowline.yaml");
      const onDied = (text: string) => options.onDied(`${nameOf(number)}: ${text}`);
      return new ChainGateway(number, new GatewayChild({ ...rest, cwd, configFile, onDied }));
    });
    // Every second line is connected from both its ends at once.
    this.between = this.gateways.slice(1).map((higher, i) => {
      const lower = this.gateways[i];
      const targets = [() => higher.peers, ...(i % 2 === 0 ? [() => lower.peers] : [])];
      return this.newLine(targets);
    });
  }

  get ends(): [ChainGateway, ChainGateway] {
    return [this.gateways[0], this.gateways[this.gateways.length - 1]];
  }

  get bytes(): number {
    return this.lines.reduce((sum, line) => sum + line.bytes, 0);
  }

  async start(): Promise<void> {
    const { gateways, options } = this;
    const folders = gateways.map(({ number }) => this.folderOf(number));
    for (const folder of folders) await mkdir(folder, { mode: 0o700 });
    for (const line of this.between) await line.start();
    for (const { number } of gateways) {
      const folder = this.folderOf(number);
      const place = { number, count: gateways.length, folder, loses: options.loses };
      const config = chainConfig({ ...place, addressOf: (other) => this.addressOf(number, other) });
      await writeFile(join(folder, "bowline.yaml"), JSON.stringify(config));
    }
    await Promise.all(gateways.slice(1).map(({ number }) => this.giveKey(number - 1, number)));
    await Promise.all(gateways.map((gateway) => gateway.start()));
  }

  /** Their boards begin to speak. */
  async startBoards(): Promise<void> {
    for (let i = 0; i < this.options.boards; i++) {
      const line = this.newLine([() => home.tcp]);
      const home = this.ends[i % 2];
      await line.start();
      const board = this.addBoard(i, line.addresses[0]);
      const way = this.wayTo(home, board.id, line);
      this.boards.push({ ...{ board, home, way }, far: way.gateways[0], ledger: ledgerOf(board, way) });
    }
    for (const { board } of this.boards) board.start();
  }

  hurry(): void {
    for (const line of this.lines) line.hurry();
  }

  async stop(): Promise<void> {
    for (const { board } of this.boards) board.stop();
    await Promise.all(this.lines.map((line) => line.stop()));
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
  }

  /** The same key on both sides, as people make it. */
  private async giveKey(lower: number, higher: number): Promise<void> {
    const file = join(this.folderOf(lower), `for-${higher}.key`);
    await this.addKey(lower, higher, "--out", file);
    await this.addKey(higher, lower, "--in", file);
  }

  private async addKey(number: number, other: number, way: "--out" | "--in", file: string): Promise<void> {
    const { program } = this.options;
    const args = ["key", "add", `${other}`, "--peer", way, file, "--config", "bowline.yaml"];
    await runFile(process.execPath, [program, ...args], {
      cwd: this.folderOf(number),
      env: withoutSettings(this.options.env),
    });
  }

  private addBoard(i: number, address: Address): ChaosBoard {
    const { bundle, seed, boards, packets, onComplaint } = this.options;
    const id = `chaos-${i + 1}`;
    return new ChaosBoard({
      ...{ id, bundle, seed: seed + i, transport: { kind: "tcp", ...address } },
      count: Math.floor(packets / boards) + (i < packets % boards ? 1 : 0),
      onComplaint: (line) => onComplaint(`${id}: ${line}`),
    });
  }

  private wayTo(home: ChainGateway, id: string, last: ChainLine): Way {
    const isBack = home.number === 1;
    const gateways = isBack ? [...this.gateways].reverse() : this.gateways;
    const between = isBack ? [...this.between].reverse() : this.between;
    const [{ client }] = gateways;
    const { isGone } = this.options;
    const requests = new FarRequests({ address: `${home.name}/${id}`, client, isGone });
    return { gateways, lines: [...between, last], requests };
  }

  private addressOf(number: number, other: number): Address | undefined {
    const line = this.between[Math.min(number, other) - 1];
    return line.addresses[number < other ? 0 : 1];
  }

  private newLine(targets: readonly (() => Address | undefined)[]): ChainLine {
    const { seed, meanBytes, count } = this.options;
    const line = new ChainLine({ seed: seed + this.lines.length * SEED_STEP, meanBytes, count, targets });
    this.lines.push(line);
    return line;
  }

  private folderOf(number: number): string {
    return join(this.options.folder, nameOf(number));
  }
}

const ledgerOf = (board: ChaosBoard, { requests }: Way) => new ChainLedger(board, requests);
