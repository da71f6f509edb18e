/** Faults that the model must find (iotgw §12), each a change of the code: those the text names, then others. */
import type { Patch } from "../patches.ts";

export interface Fault {
  clause: string;
  /** What is wrong with it, in words. */
  name: string;
  patches: Patch[];
}

type Change = [find: string, put: string];

const queue = "host/queue/peer-queue.ts";
const time = "host/queue/packet-time.ts";
const room = "host/queue/queue-room.ts";
const session = "host/queue/session-queue.ts";
const packet = "host/queue/packet.ts";

function fault(clause: string, name: string, file: string, ...changes: Change[]): Fault {
  return { clause, name, patches: changes.map(([find, put]) => ({ file, find, put })) };
}

const requeue = "this.working[packet.lane].unshift(packet);\n      if (isPlaceOnly)";

export const faults: readonly Fault[] = [
  fault("R6.1", "requeue at tail", queue, [requeue, requeue.replace("unshift", "push")]),
  fault("R6.1", "requeue reversed", queue, [
    "for (let packet = list.pop(); packet !== null; packet = list.pop()) {\n      const isPlaceOnly",
    "for (let packet = list.shift(); packet !== null; packet = list.shift()) {\n      const isPlaceOnly",
  ]),
  fault("H2", "unacknowledged forgotten", queue, ["    this.takeBack(session.wire);\n", ""]),
  fault("R8.2", "no invalid check", time, [
    "return packet.deadline <= this.time || !packet.isValid();",
    "return packet.deadline <= this.time;",
  ]),
  fault("G2", "double unref", queue, [
    "    packet.resetQueued();\n  }\n\n  /** All lists",
    "    packet.resetQueued();\n    packet.release();\n  }\n\n  /** All lists",
  ]),
  fault(
    "R4.1",
    "lost wake-up",
    queue,
    ["    this.isSignalled = false;\n", ""],
    [
      "    session?.pump();\n    this.settle();\n",
      "    session?.pump();\n    this.settle();\n    this.isSignalled = false;\n",
    ],
  ),
  fault("§9", "no dedup", "proof/queue/receiver.ts", ["    if (number <= watermark) return;\n", ""]),
  fault("G5", "peer removal forgets the new queue", queue, [
    "const lists = this.lists();",
    "const lists = this.lists().slice(0, -1);",
  ]),
  fault("R5.2", "window ignored", session, ["return count === 0 ||", "return true ||"]),
  fault("R8.2", "expiry ignored at requeue", queue, [
    "} else if (this.time.isOver(packet)) this.drop(packet);\n      else if (packet.hasLeft",
    "} else if (!packet.isValid()) this.drop(packet);\n      else if (packet.hasLeft",
  ]),
  fault("R8.3", "void skipped", queue, ["else if (packet.number > 0) packet.isVoid = true;", ""]),
  fault(
    "R8.1",
    "written although the claim was lost",
    session,
    ["|| !packet.claimForWriting())", "|| (packet.claimForWriting(), false))"],
    ["this.queue.time.isOver(packet) || (", "packet.deadline < 0 || ("],
  ),
  fault("R8.1", "setInvalid() says true after the first byte", packet, [
    "    return isUnseen;\n",
    "    return isUnseen || this.hasLeft;\n",
  ]),
  fault("R8.2", "what a lost session gave back is not looked at again", queue, [
    "      else this.time.expect(packet.deadline);\n    }\n",
    "    }\n",
  ]),
  fault("R8.2", "time is not looked at before the first byte", session, [
    "(this.queue.time.isOver(packet) || !packet.claimForWriting())",
    "!packet.claimForWriting()",
  ]),
  fault("H10", "expired, though it may have arrived", queue, [
    'packet.wasWritten ? "unknown" : packet',
    "packet",
  ]),
  fault("R6.2", "half of a packet goes on in the next session", packet, [
    "  giveBack(): void {\n    this.rewind();\n",
    "  giveBack(): void {\n    this.framesOut = 0;\n",
  ]),
  fault("R6.1", "what had left goes behind what waited for its turn", queue, [
    "    for (const list of session.lanes) this.takeBack(list);\n    this.takeBack(session.numbered);\n    this.takeBack(session.wire);\n",
    "    this.takeBack(session.wire);\n    this.takeBack(session.numbered);\n    for (const list of session.lanes) this.takeBack(list);\n",
  ]),
  fault("R6.4", "the next session is served before the end of the last", queue, [
    "    if (this.session !== null) this.giveUp(this.session);\n",
    "",
  ]),
  fault("R6.4", "a late word of a lost session counts", session, [
    "    if (this.isClosed) return; // a late word",
    "    // a late word",
  ]),
  fault("R6.4", "a session that is lost while it writes goes on", session, [
    "      if (this.isClosed) return false;\n    }\n    this.measure(lane);",
    "    }\n    this.measure(lane);",
  ]),
  fault("R4.1", "what changes while a session writes is not looked at", queue, [
    "    this.session?.touch();\n",
    "",
  ]),
  fault("G3", "ended on the wire, it is forgotten while its frames are under way", queue, [
    "else if (!isOnWire) this.clear(packet);",
    "else this.clear(packet);",
  ]),
  fault(
    "G3",
    "what ended on the wire ends again with its last frame",
    queue,
    ["    if (packet.place === Place.DONE) this.clear(packet);\n    else this.end", "    this.end"],
    ["    if (packet.place === Place.DONE) return this.clear(packet);\n", ""],
  ),
  fault("R5.1", "of what is new only the first is drained", queue, [
    "for (let packet = this.fresh.shift(); packet !== null; packet = this.fresh.shift()) {",
    "for (let packet = this.fresh.shift(); packet !== null; packet = null) {",
  ]),
  fault("R6.2", "what is not to be sent twice is", queue, [
    '      else if (packet.hasLeft && !packet.isRequeued) this.end(packet, "unknown");\n',
    "",
  ]),
  fault("H8", "the bound of bytes is not looked at", room, [
    "&& this.bytes - bytesLess + bytes <= maxBytes",
    "|| bytes > maxBytes + bytesLess",
  ]),
  fault(
    "H8",
    "a refusal gives others up all the same",
    queue,
    ["    if (!this.room.has(size, bytes, victims.length)) return false;\n", ""],
    [
      '    for (const packet of victims) this.end(packet, "dropped-by-policy");\n    return true;\n',
      '    for (const packet of victims) this.end(packet, "dropped-by-policy");\n    return this.room.has(size);\n',
    ],
  ),
  fault("H6", "a packet that is queued is taken again", queue, [
    '    if (packet.isQueued) return "ALREADY_QUEUED";\n    if (packet.place !== Place.NONE) return "INVALID_STATE";\n',
    "",
  ]),
  fault("part 4", "a number that is not safe leaves", session, ["!next.isNumberSafe || ", ""]),
  fault("part 4", "what has a number goes behind what has none", queue, [
    "if (packet.number > 0) this.returned.unshift(packet);\n      else if",
    "if (packet.isVoid) this.returned.unshift(packet);\n      else if",
  ]),
  fault("part 4", "what a peer forgot goes behind what waits", queue, [
    "    else this.working[packet.lane].unshift(packet);\n    this.counts.added++;",
    "    else this.working[packet.lane].push(packet);\n    this.counts.added++;",
  ]),
  fault("part 4", "what a peer was never sent is reversed when it forgets", queue, [
    "for (const packet of unseen.reverse())",
    "for (const packet of unseen)",
  ]),
  fault("part 4", "the place of a number can be withdrawn", queue, [
    "      if (isPlaceOnly) packet.rewind();\n",
    "      if (isPlaceOnly) packet.giveBack();\n",
  ]),
  fault("R4.1", "a number that has become safe wakes nobody", queue, [
    "    packet.isNumberSafe = true;\n    this.session?.pump();\n",
    "    packet.isNumberSafe = true;\n",
  ]),
];
