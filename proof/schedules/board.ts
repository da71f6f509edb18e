/** One board through all its lives: what its program did in each, and the wires it speaks over. */
import { codeName } from "../../shared/session/code-names.ts";
import {
  type BoardProgram,
  type BoardSocket,
  type Carriage,
  createProgram,
  type RunRequest,
} from "./board-program.ts";
import type { Ledger } from "./ledger.ts";
import { Wire } from "./wire.ts";

const ADDRESS = { host: "192.0.2.2", port: 7700 };
/** Wires the gateway may not know to be gone. */
const MOST_STALE = 3;

/** From one boot to the next. */
export interface Life {
  readonly number: number;
  readonly program: BoardProgram;
  readonly hasKey: boolean;
  /** Data its program published, and were accepted. */
  published: number;
  /** Its numbered packets, and its data, that are in the store. */
  durable: number;
  durableData: number;
  epoch: string;
  /** Requests to be answered. */
  unanswered: RunRequest[];
}

/** A call the network has not answered yet. */
interface Call {
  succeed(): void;
  fail(): void;
}

export interface Network {
  /** Whether a gateway is there to connect to. */
  readonly isReachable: boolean;
  accept(wire: Wire): void;
  onHostOutput(chunk: Uint8Array, kind: Carriage): void;
}

/** Epochs of a board that the gateway remembers (session part 4). */
const KEPT_EPOCHS = 4;

let wires = 0;

export class Board {
  life!: Life;
  kind: Carriage = "tcp";
  call: Call | null = null;
  wire: Wire | null = null;
  stale: Wire[] = [];
  /** The lives so far whose program may speak again. */
  readonly known: Life[] = [];
  private hearSerial: (chunk: Uint8Array) => void = () => {};

  constructor(
    readonly id: string,
    readonly key: string | undefined,
    private readonly ledger: Ledger,
    private readonly network: Network,
    private readonly answersAtOnce: () => boolean,
    private readonly draw: () => number,
  ) {}

  /** A new life: all that the program knew is forgotten. */
  boot(): void {
    this.abandon();
    const program = createProgram(this.id, Math.floor(this.draw() * 2 ** 31), {
      onSerialOutput: (bytes) => {
        if (this.wire?.kind === "serial") this.wire.put(bytes);
      },
      onSerialListener: (listener) => {
        this.hearSerial = listener;
      },
      connect: (onConnected) => this.connect(onConnected),
    });
    const life: Life = {
      number: this.known.length + 1,
      program,
      hasKey: this.key !== undefined,
      published: 0,
      durable: 0,
      durableData: 0,
      epoch: "",
      unanswered: [],
    };
    this.life = life;
    this.known.push(life);
    this.ledger.addLife(this.id, life);
    program.begin(
      { id: this.id, key: this.key, baud: 115_200, port: "Serial1" },
      (request) => this.run(life, request),
      (code) => this.ledger.dropped(`life ${life.number} of ${this.id}`, codeName(code)),
    );
    program.speakOver(this.kind, ADDRESS);
  }

  get newest(): Life {
    return this.known[this.known.length - 1];
  }

  reboot(): void {
    this.endTwin();
    this.boot();
  }

  /** A board with an earlier life's memory speaks in its place: two boards with one id. Or it does no more. */
  switchTwin(): void {
    if (this.life !== this.newest) return this.endTwin();
    // Only of lives that the gateway has seen can it know which is the older.
    const seen = this.known.filter(({ durable }) => durable > 0).slice(-KEPT_EPOCHS);
    if (seen.length < 2 || seen.at(-1) !== this.newest) return;
    this.recall(seen[Math.floor(this.draw() * (seen.length - 1))].number);
  }

  /** Its earlier life number `number` speaks in its place. */
  recall(number: number): void {
    this.abandon();
    this.life = this.known[number - 1];
    this.life.program.speakOver(this.kind, ADDRESS);
  }

  /** What lived last was another board with this id: it is taken away, and this one speaks again. */
  withdraw(): void {
    this.ledger.removeLife(this.id, this.known.pop()!);
    this.recall(this.known.length);
  }

  endTwin(): void {
    if (this.life === this.newest) return;
    this.recall(this.newest.number);
  }

  /** Publishes a datum if there is room. */
  publish(): void {
    const { life } = this;
    const datum = {
      ot: "d",
      life: life.number,
      i: life.published + 1,
      s: "x".repeat((life.published * 7) % 40),
    };
    if (life.program.sendText(JSON.stringify(datum))) life.published++;
    life.program.tick();
  }

  answer(at: number): void {
    const { life } = this;
    const [request] = life.unanswered.splice(at, 1);
    if (request !== undefined) this.reply(life, request);
  }

  tick(): void {
    this.life.program.tick();
  }

  /** Goes over to the other way of speaking, within its life. */
  move(): void {
    this.abandon();
    this.kind = this.kind === "tcp" ? "serial" : "tcp";
    this.life.program.speakOver(this.kind, ADDRESS);
  }

  /** Its cable is plugged in, or its call comes through. */
  join(): void {
    if (!this.network.isReachable) return;
    if (this.kind === "serial" && (this.wire === null || this.wire.hostKnows)) {
      this.wire = this.newWire("serial", {
        onBytes: (bytes) => this.hearSerial(bytes),
        onGone() {},
      });
      this.network.accept(this.wire);
    } else if (this.kind === "tcp") {
      const { call } = this;
      this.call = null;
      call?.succeed();
    }
  }

  refuse(): void {
    const { call } = this;
    this.call = null;
    call?.fail();
  }

  /** The board has no wire any more; the gateway may not know. */
  abandon(): void {
    this.call = null;
    const { wire } = this;
    this.wire = null;
    if (wire === null) return;
    wire.leave();
    if (wire.hostKnows) return;
    this.stale.push(wire);
    // A cable is seen to be pulled before it is plugged in again.
    if (wire.kind === "serial") wire.endForHost("unplugged");
    if (this.stale.length > MOST_STALE) this.stale.shift()!.endForHost("timed out");
  }

  get allWires(): Wire[] {
    return this.wire === null ? this.stale : [...this.stale, this.wire];
  }

  /** The gateway's process is gone, and with it its end of all wires. */
  loseGateway(tellsBoard: boolean): void {
    for (const wire of this.allWires) {
      wire.hostKnows = true;
      wire.isSilent = !tellsBoard;
    }
    this.stale = [];
  }

  private run(life: Life, request: RunRequest): void {
    this.ledger.ran(this.id, life, request);
    if (this.answersAtOnce()) this.reply(life, request);
    else life.unanswered.push(request);
  }

  private reply(life: Life, request: RunRequest): void {
    life.program.reply(request, { life: life.number, token: this.ledger.tokenOf(life, request.rq) });
  }

  private connect(onConnected: (socket: BoardSocket) => void): BoardSocket {
    const listeners = new Map<string, (data?: string) => void>();
    let own: Wire | null = null;
    const tell = (event: string, data?: string) => listeners.get(event)?.call(socket, data);
    const socket: BoardSocket = {
      on: (event, listener) => void listeners.set(event, listener),
      write: (text) => own?.put(Buffer.from(text, "latin1")),
      end: () => {
        if (own !== null && own === this.wire) this.abandon();
      },
    };
    this.call = {
      succeed: () => {
        own = this.newWire("tcp", {
          onBytes: (bytes) => tell("data", Buffer.from(bytes).toString("latin1")),
          onGone: () => {
            if (own === this.wire) this.wire = null;
            tell("close");
          },
        });
        this.wire = own;
        this.network.accept(own);
        onConnected(socket);
      },
      fail: () => tell("error"),
    };
    return socket;
  }

  private newWire(kind: Carriage, end: { onBytes(bytes: Uint8Array): void; onGone(): void }): Wire {
    return new Wire(kind, ++wires, end, (chunk) => this.network.onHostOutput(chunk, kind));
  }
}
