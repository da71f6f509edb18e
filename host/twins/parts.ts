/** The gateway's own parts, each as a component says how it is: is it alive, and its words (MoniQue MON2). */
import type { PartNames } from "./names.ts";

export interface Part {
  name: string;
  isAlive: boolean;
  /** Asked for when it is said. */
  words(): string;
  /** Its words change seldom, and each change is said at once. */
  isSteady?: true;
}

/** What of a board is looked at. A DeviceView fits. */
export interface SeenBoard {
  id: string;
  connected: boolean;
  via: string;
  /** ms since 1970 of the last packet; 0 before the first. */
  lastAt: number;
}

/** A CableView fits. */
export interface SeenCable {
  path: string;
  state: "waiting" | "open" | "speaking" | "silent" | "stalled" | "lent";
  waitingFor: string;
  lent: { to: string } | null;
}

/** A PeerView fits. */
export interface SeenPeer {
  name: string;
  state: string;
  via: string;
  fault: string;
  waiting: { packets: number };
}

export interface SeenNetwork {
  name: string;
  state: string;
  nick: string;
}

/** A StoreFill fits. */
export interface SeenStore {
  messages: number;
  isHeld: boolean;
  fault: string;
  low: string;
}

/** What there is, as it is at present. */
export interface Seen {
  boards(): SeenBoard[];
  /** How many there are. */
  counts(): { boards: number; connected: number };
  board(id: string): SeenBoard | undefined;
  cables(): SeenCable[];
  peers(): SeenPeer[];
  networks(): SeenNetwork[];
  store(): SeenStore;
  /** The last words of a board; "" when it has said none. */
  wordsOf(board: string): string;
}

export function boardPart(names: PartNames, board: SeenBoard, seen: Pick<Seen, "wordsOf">): Part {
  const { id, connected, via, lastAt } = board;
  const words = () => {
    if (!connected)
      return lastAt === 0 ? "away, not heard yet" : `away, last heard ${new Date(lastAt).toISOString()}`;
    return seen.wordsOf(id) || `connected, ${via}`;
  };
  return { name: names.board(id), isAlive: connected, words };
}

/** All but the boards. */
export function otherParts(names: PartNames, seen: Seen): Part[] {
  return [
    gatewayPart(names, seen),
    storePart(names, seen.store()),
    ...seen.cables().map((cable) => cablePart(names, cable)),
    ...seen.peers().map((peer) => peerPart(names, peer)),
    ...seen.networks().map((network) => networkPart(names, network)),
  ];
}

function gatewayPart({ gateway }: PartNames, seen: Seen): Part {
  const words = () => {
    const { boards, connected } = seen.counts();
    return `${connected} of ${boards} ${boards === 1 ? "board" : "boards"} connected`;
  };
  return { name: gateway, isAlive: true, words, isSteady: true };
}

function storePart(names: PartNames, { messages, isHeld, fault, low }: SeenStore): Part {
  const held = isHeld ? "it is full, and messages wait" : "";
  const words = () => fault || held || low || `${messages} ${messages === 1 ? "message" : "messages"}`;
  return { name: names.store, isAlive: fault === "" && !isHeld, words };
}

function cablePart(names: PartNames, { path, state, waitingFor, lent }: SeenCable): Part {
  const words = () => (state === "lent" ? `lent to ${lent?.to}` : waitingFor || state);
  return {
    name: names.serial(path),
    isAlive: state === "open" || state === "speaking",
    words,
    isSteady: true,
  };
}

function peerPart(names: PartNames, { name, state, via, fault, waiting }: SeenPeer): Part {
  const behind = waiting.packets === 0 ? "" : `, ${waiting.packets} packets wait`;
  const words = () => `${state === "open" ? `connected, ${via}` : fault || state}${behind}`;
  return { name: names.peer(name), isAlive: state === "open", words };
}

function networkPart(names: PartNames, { name, state, nick }: SeenNetwork): Part {
  const words = () => (state === "online" ? `as ${nick}` : state);
  return { name: names.irc(name), isAlive: state === "online", words, isSteady: true };
}
