/**
 * What happened, as those outside know it: boards what they accepted and ran, the disk what was flushed, a consumer what
 * it was told, whoever asked what became of it. Every promise is checked here as soon as it could be broken; the first
 * that is stays.
 */
import type { Outcome } from "../../host/peers/request-book.ts";
import type { Change } from "../../host/store/database.ts";
import { readMessages } from "../../host/store/group.ts";
import { unseal } from "../../host/store/sealed.ts";
import type { DeliveredMessage } from "../../host/store/store.ts";
import type { Life } from "./board.ts";
import type { RunRequest } from "./board-program.ts";
import { virtualNow } from "./virtual-time.ts";

/** One request that was accepted. */
export interface Asked {
  rq: number;
  device: string;
  retry: boolean;
  /** Until when it may be answered, ms. */
  deadline: number;
  /** The board's life that the gateway knew when it was asked. */
  life: number;
  /** When it was cancelled it had a number: it may have left. */
  isNumbered: boolean;
  /** Told to be cancelled, and it had no number. */
  neverLeaves: boolean;
  /** As JSON, once it was told. */
  outcome: string;
}

interface Run {
  device: string;
  life: number;
  token: string;
}

/** What only the fault of one end can bring about. */
const FAULTS = [
  "VERSION_UNSUPPORTED",
  "HANDSHAKE_CODE",
  "SESSION_ID_SIZE",
  "STATE_RANGE",
  "VARINT_RANGE",
  "PACKET_TOO_LARGE",
  "PACKET_GAP",
  "RECEIVE_COUNT_RESERVED",
  "ACK_BEYOND_SENT",
  "HELLO_INVALID",
  "PROOF_INVALID",
];

export class Ledger {
  /** The first promise that was broken. */
  broken = "";
  readonly durable: DeliveredMessage[] = [];
  /** The last message the consumer was told of. */
  consumed = 0;
  readonly asked = new Map<number, Asked>();
  private readonly lives = new Map<string, Life[]>();
  private readonly runs = new Map<number, Run[]>();
  /** Numbered packets for boards that are kept: the board's epoch that each was numbered for. */
  private readonly kept = new Map<string, string>();
  /** Requests that were given a number. */
  private readonly numbered = new Set<number>();

  breaks(what: string): void {
    if (this.broken === "") this.broken = what;
  }

  /** One of two honest ends gave a connection, or a session, up. */
  dropped(who: string, code: string): void {
    if (FAULTS.includes(code)) this.breaks(`${who} gave up for ${code}`);
  }

  addLife(device: string, life: Life): void {
    const lives = this.lives.get(device) ?? [];
    lives.push(life);
    this.lives.set(device, lives);
  }

  /** It was never `device`'s, and left nothing behind. */
  removeLife(device: string, life: Life): void {
    if (life.durable > 0) this.breaks(`life ${life.number} of ${device} has ${life.durable} packets`);
    this.lives.get(device)!.pop();
  }

  livesOf(device: string): Life[] {
    return this.lives.get(device) ?? [];
  }

  /** The newest life that has met the gateway: to those before it belongs what the gateway does for the board. */
  metLife(device: string): number {
    const isMet = ({ program, durable, hasKey }: Life) =>
      durable > 0 || (!hasKey && program.peer.myEpoch !== ""); // with a key the gateway still waits for the proof
    return [...this.livesOf(device)].reverse().find(isMet)?.number ?? 0;
  }

  /** A batch that survives. */
  flushed(changes: readonly Change[]): void {
    changes.forEach((change, i) => {
      if (change.key.startsWith("g/") && change.type === "put") {
        for (const message of readMessages(bufferOf(change.value), 0)) this.stored(message);
      } else if (change.key.startsWith("r/o/")) this.outgoing(change, changes[i + 1]);
    });
  }

  /** A board's program carries out a request. */
  ran(device: string, life: Life, { rq }: RunRequest): void {
    const runs = this.runs.get(rq) ?? [];
    this.runs.set(rq, runs);
    if (runs.some((run) => run.life === life.number))
      this.breaks(`request ${rq} ran twice in life ${life.number}`);
    const asked = this.asked.get(rq);
    if (runs.length > 0 && asked?.retry !== true)
      this.breaks(`request ${rq} ran in two lives, and may not be sent again`);
    runs.push({ device, life: life.number, token: `${life.number}:${rq}:${runs.length}` });
    if (asked !== undefined) this.checkRuns(asked);
  }

  tokenOf(life: Life, rq: number): string {
    return this.runs.get(rq)?.find((run) => run.life === life.number)?.token ?? "";
  }

  ask(asked: Asked): void {
    if (this.asked.has(asked.rq)) this.breaks(`number ${asked.rq} was given to two requests`);
    this.asked.set(asked.rq, asked);
  }

  cancels(rq: number): void {
    this.asked.get(rq)!.isNumbered = this.numbered.has(rq);
  }

  /** The packet of request `rq` leaves the gateway. */
  leaves(rq: number): void {
    if (!this.numbered.has(rq)) this.breaks(`request ${rq} left before its number was in the store`);
  }

  /** Whoever waits for request `rq` is told its outcome; after a restart of the gateway once more. */
  told(rq: number, outcome: Outcome, life: number): void {
    const asked = this.asked.get(rq)!;
    const text = JSON.stringify(outcome);
    if (asked.outcome !== "" && asked.outcome !== text)
      this.breaks(`request ${rq} came to ${asked.outcome}, and then to ${text}`);
    asked.outcome = text;
    if (outcome.outcome === "delivered") {
      const { token } = outcome.reply;
      const runs = this.runs.get(rq) ?? [];
      if (!runs.some((run) => run.token === token))
        this.breaks(`request ${rq} got a reply no board gave: ${text}`);
    }
    if (outcome.outcome === "unknown" && /began anew/.test(outcome.reason)) {
      if (asked.retry && virtualNow() < asked.deadline)
        this.breaks(`request ${rq} may be sent again, and came to ${text}`);
      if (asked.life === life) this.breaks(`request ${rq} came to ${text}, and the board lives on`);
    }
    if (outcome.outcome === "cancelled" && !asked.isNumbered) asked.neverLeaves = true;
    this.checkRuns(asked);
  }

  /** After the last fault a request was made to each board: it must have been delivered. */
  checkLast(devices: readonly string[]): void {
    for (const device of devices) {
      const last = [...this.asked.values()].reverse().find((asked) => asked.device === device);
      if (last === undefined || !last.outcome.startsWith('{"outcome":"delivered"'))
        this.breaks(`the last request to ${device} came to ${last?.outcome}`);
    }
  }

  /** A consumer is told of a message. */
  consume(message: DeliveredMessage): void {
    const { n } = message;
    if (n !== this.consumed + 1) this.breaks(`the consumer was told of message ${n} after ${this.consumed}`);
    const durable = this.durable[n - 1];
    if (durable === undefined)
      this.breaks(`the consumer was told of message ${n}, which is not in the store`);
    else if (JSON.stringify(durable) !== JSON.stringify(message))
      this.breaks(`message ${n} was told as ${JSON.stringify(message)}, and is ${JSON.stringify(durable)}`);
    this.consumed = Math.max(n, this.consumed);
  }

  /** What can be seen of a board's life at any time. */
  checkLife(device: string, { number, program, durable, published, durableData }: Life): void {
    const numbered = program.peer.nextSeq - 1;
    const acknowledged = numbered - program.heldCount();
    if (acknowledged > durable)
      this.breaks(
        `${device} was told of ${acknowledged} packets of life ${number}, ${durable} are in the store`,
      );
    if (durable > numbered)
      this.breaks(`${durable} packets of life ${number} are in the store, ${numbered} were numbered`);
    if (durableData > published)
      this.breaks(`${durableData} data of life ${number} are in the store, ${published} were published`);
  }

  private stored(message: DeliveredMessage): void {
    const { n, device, epoch, seq } = message;
    if (n !== this.durable.length + 1) this.breaks(`message ${n} was stored after ${this.durable.length}`);
    this.durable.push(message);
    const content = message.message;
    const life = this.livesOf(device).find((one) => one.number === content.life);
    if (life === undefined)
      return this.breaks(`message ${n} is of no life of ${device}: ${JSON.stringify(content)}`);
    const newer = this.livesOf(device).find((one) => one.number > life.number && one.durable > 0);
    if (newer !== undefined)
      this.breaks(`message ${n} is of life ${life.number} of ${device}, after one of life ${newer.number}`);
    life.durable++;
    if (seq !== life.durable)
      this.breaks(`packet ${seq} of life ${life.number} was stored as its ${life.durable}th`);
    if (life.epoch === "") life.epoch = epoch;
    if (epoch !== life.epoch) this.breaks(`life ${life.number} has the epochs ${life.epoch} and ${epoch}`);
    if (content.ot !== "d") return;
    life.durableData++;
    if (content.i !== life.durableData)
      this.breaks(`datum ${content.i} of life ${life.number} was stored as its ${life.durableData}th`);
  }

  /** A numbered packet is kept until the board has it, or has begun anew. `next` says for which epoch it was numbered. */
  private outgoing(change: Change, next: Change | undefined): void {
    const [, , device, number] = change.key.split("/");
    if (change.type === "put") {
      const { rq } = read<{ rq: number }>(change);
      this.numbered.add(rq);
      if (next?.type === "put") this.kept.set(change.key, read<{ epoch: string }>(next).epoch);
      return;
    }
    const epoch = this.kept.get(change.key);
    this.kept.delete(change.key);
    const seq = Number.parseInt(number, 16);
    const { peer } = this.livesOf(device)[this.livesOf(device).length - 1].program;
    if (epoch === peer.myEpoch && peer.watermark < seq)
      this.breaks(`packet ${seq} for ${device} was given up, which has ${peer.watermark}`);
  }

  private checkRuns({ rq, outcome, neverLeaves }: Asked): void {
    if ((this.runs.get(rq)?.length ?? 0) === 0) return;
    if (outcome.startsWith('{"outcome":"expired"')) this.breaks(`request ${rq} ran, and came to ${outcome}`);
    if (neverLeaves) this.breaks(`request ${rq} ran, and was cancelled before it had left`);
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function read<T>({ key, value }: { key: string; value: Uint8Array }): T {
  return unseal(key, bufferOf(value)) as T;
}
