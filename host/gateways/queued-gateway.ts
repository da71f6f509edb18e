/** A gateway's queue for people: frames, by what they mean, who made them and whom they are for. */
import { Command, commandName, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, type FrameView } from "../iotgw/decode-frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import { EPOCH_BYTES } from "../iotgw/origin-epoch.ts";
import type { Clock } from "../platform/clock.ts";
import type { Packet } from "../queue/packet.ts";
import type { QueuedPeer } from "../router/queued-peer.ts";
import type { GatewayNames } from "./gateway-names.ts";
import type { Mesh } from "./mesh.ts";
import type { MeshPeer } from "./mesh-peer.ts";
import { parseRequest } from "./request-content.ts";

export function queuedGateway(peer: MeshPeer, mesh: Mesh, names: GatewayNames, clock: Clock): QueuedPeer {
  const { hostId, queue } = peer;
  const { maxPackets, maxBytes } = queue.limits;
  return {
    ...{
      kind: "gateway",
      id: `${hostId}`,
      name: names.nameOf(hostId),
      queue,
      limits: { maxPackets, maxBytes },
    },
    leadsTo: mesh.behind(hostId).map((id) => names.nameOf(id)),
    describe: (packet) => {
      const view = packet.tag === undefined ? null : read(packet);
      if (view?.msgId === undefined) return null;
      const { origin, seq } = view.msgId;
      const leftMs =
        packet.deadline === Infinity ? null : Math.max(0, Math.round(packet.deadline - clock.now()));
      return {
        what: wordsOf(view, names.nameOf(view.route?.dst ?? hostId)),
        origin: `${origin}`,
        seq,
        leftMs,
      };
    },
    withdraw: (packet) => void packet.setInvalid(),
  };
}

/** Null: of another release, and kept by it. */
function read({ body: { bytes } }: Packet): FrameView | null {
  const view = decodeFrame(bytes, 0, bytes.length, bytes.length);
  return view instanceof FrameFault ? null : view;
}

/** `DATA request barn/sim-1 l:led` */
function wordsOf({ cmd, reqtype, bytes, bodyStart, end }: FrameView, dst: string): string {
  const kind = reqtype === Reqtype.REQUEST ? " request" : reqtype === Reqtype.REPLY ? " reply" : "";
  const asked =
    cmd === Command.DATA && reqtype === Reqtype.REQUEST
      ? parseRequest(bytes, bodyStart + EPOCH_BYTES, end)
      : "no request";
  const to = typeof asked === "string" ? dst : `${dst}/${asked.device} ${asked.message.ot}`;
  return `${commandName(cmd)}${kind} ${to}`;
}
