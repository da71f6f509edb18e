/** How far the two directions of a connection have come, so that a listener who joins in the middle can read on. */
import type { Link } from "../../shared/link/link.ts";
import { inFlight } from "../../shared/session/pump.ts";
import { Phase } from "../../shared/session/state.ts";
import type { Exchange } from "./exchange.ts";
import type { LinkState, SideState, WireState } from "./wire-shape.ts";

const nothing: SideState = { stage: "nothing", index: 0, partial: "" };

export function readWireState(link: Link | null, exchange: Exchange | null): WireState {
  const sides =
    exchange === null
      ? { board: nothing, gateway: nothing }
      : { board: boardSide(exchange), gateway: gatewaySide(exchange) };
  if (link === null) return { link: null, ...sides };
  return { link: linkState(link), ...sides };
}

function linkState({
  isOpen,
  id,
  rxSeq,
  txSeq,
  buffer,
  from,
  fill,
  heardAt,
  interByteTimeout,
}: Link): LinkState {
  return {
    isOpen,
    id,
    seqs: { board: rxSeq, gateway: txSeq },
    partial: hexOf(buffer, from, fill),
    heardAt,
    interByteTimeoutMs: interByteTimeout,
  };
}

function boardSide({ acceptor, session }: Exchange): SideState {
  if (session === null) {
    if (acceptor === null || acceptor.refusal !== 0) return nothing;
    return { stage: "request", index: 0, partial: hexOf(acceptor.head.bytes, 0, acceptor.head.have) };
  }
  const s = session.session;
  if (s.phase === Phase.HANDSHAKE)
    return { stage: "reply", index: 0, partial: hexOf(s.head.bytes, 0, s.head.have) };
  if (s.phase === Phase.STATE)
    return { stage: "state", index: 0, partial: hexOf(s.head.bytes, 0, s.head.have) };
  return { stage: "packets", index: s.readIndex, partial: hexOf(s.partial, s.from, s.have) };
}

/** The gateway writes only whole messages: the reply, or as a client the request, with its state in one go, then packets. */
function gatewaySide({ acceptor, session }: Exchange): SideState {
  if (session !== null) {
    const s = session.session;
    return { stage: "packets", index: s.acknowledged + inFlight(s), partial: "" };
  }
  return acceptor === null || acceptor.refusal !== 0 ? nothing : { stage: "reply", index: 0, partial: "" };
}

function hexOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString("hex");
}
