/**
 * Every board that ever said hello to this gateway, those that were forgotten out of sight, and the waiting room of
 * sessions that have not yet.
 */

import type { BoardHello } from "../../shared/message.ts";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import type { Admission } from "../admission/admission.ts";
import { FIRST_PROVED, Proving } from "../admission/proving.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { formatPayload } from "../platform/payload.ts";
import type { ServerSession } from "../session/server-session.ts";
import { nobody, type SessionOwner } from "../session/session-owner.ts";
import { DevicePeer } from "./device-peer.ts";
import { parseHello } from "./hello.ts";
import type { PacketDocument } from "./outbound.ts";
import type { DeviceDocument, PeerContext, WelcomeOptions } from "./peer-context.ts";

/** Boards kept; a board beyond is refused until the gateway is told of fewer. */
const MAX_DEVICES = 10_000;
const MAX_REFUSALS = 100;

export class DeviceTable {
  private readonly devices = new Map<string, DevicePeer>();
  /** Why a hello was refused last, by where it came from. */
  private readonly refusals = new Map<string, Code>();

  constructor(
    private readonly context: PeerContext,
    private readonly admission: Admission,
  ) {}

  /** But for boards that were forgotten. */
  get(id: string): DevicePeer | undefined {
    const device = this.devices.get(id);
    return device?.isForgotten ? undefined : device;
  }

  /** But for boards that were forgotten. */
  all(): DevicePeer[] {
    const shown = [...this.devices.values()].filter(({ isForgotten }) => !isForgotten);
    return shown.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Of those. */
  get counts(): { boards: number; connected: number } {
    let [boards, connected] = [0, 0];
    for (const device of this.devices.values()) {
      if (device.isForgotten) continue;
      boards++;
      if (device.isConnected) connected++;
    }
    return { boards, connected };
  }

  /** Who owns a new session until its hello came: the first packet must be one, and nothing else is taken. */
  greet(session: ServerSession): SessionOwner {
    return { ...nobody, onPacket: (bytes, start, end) => this.readHello(session, bytes, start, end) };
  }

  /** Reads what is known of boards, and goes on with what was accepted for them. */
  async load(): Promise<void> {
    const { store, book } = this.context;
    const requests = groupBy(await book.load(), ({ device }) => device);
    const packets = groupBy(await store.records<PacketDocument>("o/"), ([key]) => key.split("/")[1]);
    const documents = new Map<string, DeviceDocument>();
    for (const [key, document] of await store.records<DeviceDocument>("d/"))
      documents.set(key.slice(2), document);
    for (const id of new Set([...documents.keys(), ...requests.keys(), ...packets.keys()])) {
      const known = documents.get(id) ?? null;
      const device = new DevicePeer(id, this.context, known);
      this.devices.set(id, device);
      const numbered = (packets.get(id) ?? []).map(([key, packet]): [number, PacketDocument] => [
        Number.parseInt(key.slice(key.lastIndexOf("/") + 1), 16),
        packet,
      ]);
      if (!device.restore(known?.nextSeq ?? 1, numbered, requests.get(id) ?? []))
        throw new BowlineError(
          "STORE_CORRUPT",
          `reading what is on its way to ${id}: packets ${numbered.map(([seq]) => seq).join(", ")} before ${known?.nextSeq}; allowed: without a gap`,
          ExitCode.verification,
        );
    }
  }

  stop(): void {
    for (const device of this.devices.values()) device.requests.stop();
  }

  private readHello(session: ServerSession, bytes: Uint8Array, start: number, end: number): void {
    // A board that is refused keeps what it has, and tries again.
    const { fault } = this.context.store;
    if (fault !== null) return this.refuse(session, Code.STORE_FAILED, fault.message);
    const hello = parseHello(bytes, start, end);
    if (typeof hello === "string") return this.refuse(session, Code.HELLO_INVALID, hello);
    session.device = hello.id;
    const verdict = this.admission.judge(hello, session.wire);
    switch (verdict.kind) {
      case "refuse":
        return this.refuse(session, verdict.code, verdict.reason);
      case "prove":
        return this.demandProof(session, hello, verdict.key);
      case "give":
        this.context.log.info({ device: hello.id, via: session.via }, "is given its key");
        session.isGivingKey = true;
        return this.welcome(session, hello, { extra: { key: Buffer.from(verdict.key).toString("base64") } });
      case "admit":
        return this.welcome(session, hello, {});
    }
  }

  /** The gateway proves itself and waits for the board to do so; until then nothing of the board is changed. */
  private demandProof(session: ServerSession, hello: BoardHello, key: Uint8Array): void {
    const device = this.devices.get(hello.id) ?? new DevicePeer(hello.id, this.context);
    const proving = new Proving(key, session, hello, this.context.id);
    const said = proving.prove(device.answer(session, hello));
    const payload = formatPayload({ hello: said });
    if (payload.length > hello.max) {
      const reason = `our hello with its proof has ${payload.length} bytes, ${hello.id} takes ${hello.max}`;
      return this.refuse(session, Code.HELLO_INVALID, reason);
    }
    const onProved = () => this.welcome(session, hello, { said, firstIndex: FIRST_PROVED });
    session.setOwner(proving.owner(onProved, (code, reason) => this.refuse(session, code, reason)));
    session.greet(payload);
    session.accept(FIRST_PROVED - 1);
  }

  private welcome(session: ServerSession, hello: BoardHello, options: WelcomeOptions): void {
    const known = this.devices.get(hello.id);
    if (known === undefined && this.devices.size >= MAX_DEVICES)
      return this.refuse(session, Code.TOO_MANY, `${MAX_DEVICES} boards are known`);
    const device = known ?? new DevicePeer(hello.id, this.context);
    this.devices.set(hello.id, device);
    const refusal = device.welcome(session, hello, options);
    if (refusal === Code.DUPLICATE_ID) {
      const reason = `${hello.id} speaks from an epoch before its newest: two boards share this id`;
      this.refuse(session, refusal, reason);
    } else if (refusal !== 0) {
      this.refuse(session, refusal, `${hello.id} has spoken over a newer session meanwhile`);
    }
  }

  private refuse(session: ServerSession, code: Code, reason: string): void {
    // A board that is refused tries again for ever: one line for each kind of thing that is wrong.
    const from = session.remoteAddress || session.via.replace(/:\d+$/, "");
    if (this.refusals.get(from) !== code) {
      if (this.refusals.size >= MAX_REFUSALS) this.refusals.clear();
      this.refusals.set(from, code);
      this.context.log.warn({ via: session.via, code: codeName(code), reason }, "hello refused");
    }
    session.end(code);
  }
}

function groupBy<T>(all: readonly T[], nameOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const name = nameOf(one);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return groups;
}
