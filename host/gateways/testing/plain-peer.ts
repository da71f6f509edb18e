/** A peer for tests that sends what it is given, keeps it until it is acknowledged, and takes each number once. */
import { codeName } from "../../../shared/session/code-names.ts";
import type { Code } from "../../../shared/session/codes.ts";
import { appendPacket, createSendBuffer } from "../../../shared/session/send-buffer.ts";
import type { PeerConfig } from "../../config/schema.ts";
import { Command, Reqtype } from "../../iotgw/commands.ts";
import { decodeFrame } from "../../iotgw/decode-frame.ts";
import { encodeFrame } from "../../iotgw/encode-frame.ts";
import { FrameFault } from "../../iotgw/frame-fault.ts";
import type { HostSession } from "../../session/host-session.ts";
import type { SessionOwner } from "../../session/session-owner.ts";
import type { GatewayPeer, Have, Introduced } from "../gateway-peer.ts";

const BUFFER_BYTES = 65_536;

export class PlainPeer implements GatewayPeer, SessionOwner {
  readonly got: string[] = [];
  /** What it was told, in order. */
  readonly told: string[] = [];
  readonly sessions: { session: HostSession; introduced: Introduced }[] = [];
  session: HostSession | null = null;
  repeats = 0;
  private readonly buffer = createSendBuffer(new Uint8Array(2 * BUFFER_BYTES), BUFFER_BYTES);
  private nextSeq = 1;
  private watermark = 0;

  constructor(
    readonly hostId: bigint,
    readonly generation: number,
    private readonly own: bigint,
    private readonly onChange: () => void,
  ) {}

  get unacknowledged(): number {
    return this.buffer.count;
  }

  send(text: string): void {
    const msgId = { origin: this.own, seq: this.nextSeq++ };
    const head = { reqtype: Reqtype.ASYNC, cmd: Command.DATA, cmdVersion: 0, error: 0, rqid: 0, crc: false };
    const qos = { lane: 2, delivery: 0, ttlMs: 0xffff_ffff };
    const frame = encodeFrame({ ...head, msgId, qos }, Buffer.from(text));
    if (appendPacket(this.buffer, frame, 0, frame.length) < 0)
      throw new RangeError("the peer's buffer is full");
    this.session?.pump();
  }

  haveUpTo(epoch: bigint | null): Have {
    return { epoch: epoch ?? 0n, have: [0, 0, epoch === null ? 0 : this.watermark, 0] };
  }

  welcome(session: HostSession, introduced: Introduced): void {
    this.session = session;
    this.sessions.push({ session, introduced });
    session.setOwner(this);
    session.bind(this.buffer);
    this.tell(introduced.isDialled ? "welcome, dialled" : "welcome, listened");
  }

  configure(config: PeerConfig): void {
    this.tell(`limits ${config.limits.maxPackets}`);
  }

  remove(): void {
    this.tell("removed");
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    const frame = decodeFrame(bytes, start, end, BUFFER_BYTES);
    if (frame instanceof FrameFault) throw new TypeError(frame.text);
    const { cmd, msgId } = frame;
    if (cmd === Command.INTRODUCE) {
      const reply = this.sessions.at(-1)?.introduced.again(bytes, start, end) ?? null;
      if (reply !== null && appendPacket(this.buffer, reply, 0, reply.length) > 0) this.session?.pump();
      if (this.session === null) return;
    } else if (msgId === undefined || msgId.seq <= this.watermark) this.repeats++;
    else {
      this.watermark = msgId.seq;
      this.got.push(Buffer.from(frame.body).toString());
    }
    this.session?.accept(index + 1);
    this.onChange();
  }

  onAcknowledged(): void {
    this.onChange();
  }

  onConnected(): void {
    this.tell("connected");
  }

  onDisconnected(): void {
    this.tell("disconnected");
  }

  onWritable(): void {}

  onClosed(code: Code): void {
    this.session = null;
    this.tell(`closed: ${codeName(code)}`);
  }

  private tell(text: string): void {
    this.told.push(text);
    this.onChange();
  }
}
