/** Boards, a gateway and a disk, as a schedule or a story finds them, and what can be done to all of them together. */
import { type KeyStore, openKeys } from "../../host/admission/key-store.ts";
import { BowlineError } from "../../host/platform/errors.ts";
import { Asker } from "./asker.ts";
import { Board, type Network } from "./board.ts";
import type { Carriage } from "./board-program.ts";
import { Chance } from "./chance.ts";
import { CrashingDatabase } from "./crashing-database.ts";
import { GatewayLife } from "./gateway-life.ts";
import { Ledger } from "./ledger.ts";
import { beginTime, forgetTimers, runTo, settle, virtualNow } from "./virtual-time.ts";

/** Of one firmware tick, ms; in a long time there are fewer of them. */
const TICK_MS = 50;
const MOST_TICKS = 15;

export class Scene {
  readonly chance: Chance;
  readonly ledger = new Ledger();
  readonly database: CrashingDatabase;
  readonly keys: KeyStore = openKeys("memory");
  readonly boards: Board[] = [];
  readonly asker = new Asker(this);
  /** The one that runs. */
  gateway: GatewayLife | null = null;
  /** How often a request is answered as soon as it has run. */
  answersAtOnce = 0.6;
  private readonly hasKey: boolean;
  private gateways = 0;

  constructor(seed: number) {
    beginTime(seed);
    this.chance = new Chance(seed);
    this.database = new CrashingDatabase((changes) => this.ledger.flushed(changes));
    this.hasKey = this.chance.hits(0.4);
  }

  /** No promise was broken so far. */
  get isWhole(): boolean {
    return this.ledger.broken === "";
  }

  addBoard(
    id: string,
    hasKey = this.hasKey,
    kind: () => Carriage = () => (this.chance.hits(0.6) ? "tcp" : "serial"),
  ): Board {
    const key = hasKey ? this.keys.draw(id).toString("base64") : undefined;
    const answersAtOnce = () => this.chance.hits(this.answersAtOnce);
    const board = new Board(id, key, this.ledger, this.network(), answersAtOnce, this.chance.random);
    board.kind = kind();
    this.boards.push(board);
    board.boot();
    return board;
  }

  boardOf(id: string): Board {
    return this.boards.find((board) => board.id === id)!;
  }

  /** Time passes, and boards tick in it. */
  async wait(ms: number): Promise<void> {
    const end = virtualNow() + ms;
    const stride = Math.max(TICK_MS, ms / MOST_TICKS);
    while (virtualNow() < end) {
      await runTo(Math.min(end, virtualNow() + stride));
      for (const board of this.boards) board.tick();
      await settle();
    }
  }

  async startGateway(): Promise<void> {
    if (this.gateway !== null) return;
    const number = ++this.gateways;
    const gateway = new GatewayLife(this.database, this.keys, {
      onFault: (text) => this.ledger.breaks(text),
      onDropped: (code) => this.ledger.dropped("the gateway", code),
    });
    this.gateway = gateway;
    void gateway.open().then(
      () => this.onOpen(gateway),
      async (error) => {
        if (this.gateway !== gateway) return;
        if (!(error instanceof BowlineError) || error.code !== "STORE_FAILED")
          this.ledger.breaks(`gateway ${number} does not start: ${error.stack}`);
        await this.crash();
      },
    );
    await settle();
  }

  /** `isThere`: whether what was being written is found on the disk; drawn when it is not said. */
  async crash(isThere?: boolean): Promise<void> {
    if (this.gateway === null) return;
    this.gateway = null;
    this.asker.forget();
    forgetTimers();
    const tellsBoards = this.chance.hits(0.5);
    for (const board of this.boards) board.loseGateway(tellsBoards);
    await this.database.crash(isThere ?? this.chance.hits(0.5));
  }

  /** The gateway forgets the board's key, or knows it again: over a cable both are admitted. */
  switchProof(board: Board): void {
    if (board.key === undefined) return;
    if (!this.keys.remove(board.id)) this.restoreKey(board);
  }

  restoreKey(board: Board): void {
    if (board.key !== undefined && this.keys.get(board.id) === undefined)
      this.keys.draw(board.id).set(Buffer.from(board.key, "base64"));
  }

  check(): void {
    for (const board of this.boards) for (const life of board.known) this.ledger.checkLife(board.id, life);
  }

  /** It is there again: consumers read on from where they were, and whoever waited for a request asks for it. */
  private async onOpen(gateway: GatewayLife): Promise<void> {
    const { store, router } = gateway;
    for (const message of await store.read(this.ledger.consumed + 1, 1e6)) this.ledger.consume(message);
    router.messages.subscribe((message) => this.ledger.consume(message));
    this.asker.resume(gateway, this.gateways);
  }

  private network(): Network {
    const isReachable = () => this.gateway?.isReady === true;
    return {
      get isReachable() {
        return isReachable();
      },
      accept: (wire) => this.gateway?.connect(wire),
      onHostOutput: (chunk, kind) => this.see(chunk, kind),
    };
  }

  /** On a socket a packet is seen as it leaves; on a cable it may be cut into frames. */
  private see(chunk: Uint8Array, kind: Carriage): void {
    if (kind === "serial") return;
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    for (const [, rq] of text.matchAll(/"rq":(\d+)/g)) this.ledger.leaves(Number(rq));
  }
}
