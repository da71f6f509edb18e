/**
 * Rules of session D1, D17 and part 4, and the change of the code that switches each off. Chance finds the loss of those in
 * the first table. Four hundred schedules did not find that of those in the second, which take several steps in a certain
 * order within one commit or one handshake: a story brings them about.
 */
import type { Focus } from "./schedule.ts";
import type { StoryName } from "./stories.ts";
import type { Patch } from "./world.ts";

export interface Rule {
  clause: string;
  /** What holds, as a sentence. */
  rule: string;
  off: Patch[];
  /** What has to happen often for it to matter. */
  focus: Focus;
  /** The story that finds its loss; undefined: chance does. */
  story?: StoryName;
}

const lifecycle = "shared/session/lifecycle.ts";
const sync = "shared/session/sync.ts";
const board = "device/peer.ts";
const peer = "host/peers/device-peer.ts";
const numbering = "host/peers/numbering.ts";
const outbound = "host/peers/outbound.ts";
const requests = "host/peers/requests.ts";
const book = "host/peers/request-book.ts";
const intake = "host/store/intake.ts";

const focusOf: Record<string, Focus> = {
  "what was handed over after a commit that failed fails with it": { commit: 1, failCommit: 4, publish: 16 },
  "unless it may be sent again": { ask: 14, reboot: 3, commit: 6 },
};

type Off = [file: string, find: string, put: string];

/** Found by drawn schedules, some of them with more of what the rule is for (`focusOf`). */
const byChance: [clause: string, rule: string, ...off: Off[]][] = [
  ["D1", "counting begins anew with every connection", [lifecycle, "  s.counted = 0;\n", ""]],
  [
    "D1",
    "a packet that is skipped counts on the connection that sent it again",
    ["shared/session/receive.ts", "    s.skipped++;", "    s.recvStart++;\n    s.skipped++;"],
  ],
  [
    "D1",
    "what is owed stays below what is durable",
    [sync, "(s.accepted < s.readIndex ? s.accepted : s.readIndex)", "s.readIndex"],
  ],
  [
    "D1",
    "what is owed stays below what was read on this connection",
    [sync, "(s.accepted < s.readIndex ? s.accepted : s.readIndex)", "s.accepted"],
  ],
  [
    "D17",
    "a packet is acknowledged after its commit",
    [
      peer,
      "    store.append(packet, bytes, start, end, receipt, changes);",
      "    store.append(packet, bytes, start, end, receipt, changes);\n    this.session!.accept(index + 1);",
    ],
  ],
  ["D17", "a commit is flushed", ["proof/schedules/gateway-life.ts", "  flush: true,", "  flush: false,"]],
  [
    "D17",
    "a commit that fails ends the sessions that hold a packet of it",
    [peer, "    session.end(Code.STORE_FAILED);", ""],
  ],
  ["D17", "numbers go back to what is durable", [numbering, '    this.take("", 0);\n', ""]],
  [
    "D17",
    "what was handed over after a commit that failed fails with it",
    [intake, "    this.batches = [];\n    this.kept = [...(writing", "    this.kept = [...(writing"],
    [intake, "    for (const batch of batches) batch.failed(fault);\n", ""],
  ],
  [
    "D17",
    "what a failed commit left behind is known when the store is opened anew",
    [
      "host/store/durable-store.ts",
      "    await this.database.reopen();\n    await this.commits.load();\n",
      "    await this.database.reopen();\n",
    ],
  ],
  [
    "D17",
    "and is told of",
    [
      "proof/schedules/gateway-life.ts",
      "      onReopened: () => this.announcer.catchUp(),",
      "      onReopened() {},",
    ],
  ],
  [
    "part 4",
    "a board sends nothing before the gateway's hello",
    [
      board,
      "  const session = createOwnSession();\n",
      "  const session = createOwnSession();\n  bindSendBuffer(session, main);\n",
    ],
  ],
  [
    "part 4",
    "the hello is made from a reserved slot",
    [
      board,
      "  appendPacket(slot, bytes, 0, bytes.length);\n",
      "  appendPacket(main, bytes, 0, bytes.length);\n  bindSendBuffer(peer.session, main);\n",
    ],
  ],
  [
    "part 4",
    "a board's hello names the first packet that is not acknowledged",
    [board, "    seq: peer.nextSeq - main.count,", "    seq: peer.nextSeq,"],
  ],
  [
    "part 4",
    "and so does the gateway's",
    [outbound, "isNewLife ? this.nextHere : this.nextHere - this.buffer.count", "this.nextHere"],
  ],
  [
    "part 4",
    "what is not acknowledged is handed to the next session first",
    [lifecycle, "  rewind(main);\n  s.main = main;", "  s.main = main;"],
  ],
  [
    "part 4",
    "the watermark is in the commit that holds the message",
    ["host/store/commits.ts", "[...documents, ...marks.changes]", "[...documents]"],
  ],
  [
    "part 4",
    "the gateway drops what is at or below the watermark",
    [peer, "    if (this.numbering.isRepeat(epoch, seq)) {", "    if (seq < 0) {"],
  ],
  ["part 4", "and so does the board", [board, "    if (seq <= peer.watermark) return;", ""]],
  [
    "part 4",
    "a board's watermark outlives its sessions",
    [board, "  if (hello.epoch !== peer.gatewayEpoch) {", "  {"],
  ],
  [
    "part 4",
    "a number is durable before the first byte of its packet leaves",
    [
      outbound,
      "    this.store.keep([packet, this.numbers(), ...changes], () => {",
      "    this.store.putLater([packet, this.numbers(), ...changes]);\n    queueMicrotask(() => {",
    ],
  ],
  [
    "part 4",
    "a newer hello ends the older session",
    [peer, "    this.supersede();\n    this.session = session;", "    this.session = session;"],
  ],
  [
    "part 4",
    "a new epoch is sent nothing of what went before",
    [outbound, "    clearPackets(this.buffer);\n", ""],
  ],
  [
    "part 4",
    "unless it may be sent again",
    [requests, "    if (request.retry) {\n      request.hasLeft", "    if (rq < 0) {\n      request.hasLeft"],
  ],
  [
    "part 4",
    "a packet that has become invalid goes out as {}",
    [
      outbound,
      "this.append(this.requests.numbered() ? payload : EMPTY);",
      "this.requests.numbered();\n      this.append(payload);",
    ],
  ],
  [
    "part 4",
    "a packet is kept until it is acknowledged, and no longer",
    [
      outbound,
      "    this.store.putLater(this.removals(end - count, end));",
      "    this.store.putLater(this.removals(end - count, end + 1));",
    ],
  ],
  [
    "part 4",
    "request numbers come from a durable counter",
    [book, '{ key: "c/rq", value: { rq: whole.rq } }', '{ key: "c/rq", value: { rq: 1 } }'],
  ],
];

/** No schedule is drawn for these: the story named first finds it. */
const byStory: [story: StoryName, clause: string, rule: string, ...off: Off[]][] = [
  [
    "repeatOfWhatIsBeingCommitted",
    "D17",
    "a repeat counts only once its original is durable",
    [
      peer,
      "      store.whenCommitted(new Receipt(this, this.session!, index + 1, null));",
      "      this.session!.accept(index + 1);",
    ],
  ],
  [
    "repeatOfWhatIsBeingCommitted",
    "D17",
    "a commit that fails ends the sessions with a repeat that waits for it",
    [
      peer,
      "      store.whenCommitted(new Receipt(this, this.session!, index + 1, null));",
      "      const receipt = new Receipt(this, this.session!, index + 1, null);\n" +
        "      store.whenCommitted({ onCommitted: () => receipt.onCommitted(), onFailed() {} });",
    ],
  ],
  [
    "deadlineDuringReply",
    "D17",
    "a deadline does not overtake a reply that is being committed",
    [requests, 'if (state === "answered" || state === "accepting") {', 'if (state === "accepting") {'],
  ],
  [
    "cancelledBeforeCrash",
    "D17",
    "an outcome is told once it is durable",
    [
      book,
      "    this.store.keep(this.changes(rq, end), () => this.end(rq, end));",
      "    this.store.keep(this.changes(rq, end), () => {});\n    this.end(rq, end);",
    ],
  ],
  [
    "acknowledgedDuringProof",
    "part 4",
    "what was acknowledged during a proof goes out as {}",
    [peer, "    for (let i = 0; i < skipped; i++) session.greet(SKIPPED);\n", ""],
  ],
  [
    "expiredWhileNumbered",
    "part 4",
    "and so does, from the next gateway, what has ended",
    [outbound, "rq === 0 || isWanted(rq) ? Buffer.from(text) : EMPTY", "Buffer.from(text)"],
  ],
  [
    "rebootWhileNumbering",
    "part 4",
    "the gateway's hello names only numbers that are durable",
    [outbound, "isNewLife ? this.nextHere :", "isNewLife ? this.nextSeq :"],
  ],
  [
    "firstOfFourLives",
    "part 4",
    "an epoch that returns after a newer one is refused",
    [numbering, "    if (isFirstWord && this.seen.includes(named)) return null;\n", ""],
  ],
  [
    "firstOfFourLives",
    "part 4",
    "four epochs of a board are remembered",
    [numbering, "const KEPT_EPOCHS = 4;", "const KEPT_EPOCHS = 3;"],
  ],
  [
    "firstOfFourLivesAfterRestart",
    "part 4",
    "and the next gateway knows them",
    ["host/store/watermarks.ts", "const KEPT_EPOCHS = 4;", "const KEPT_EPOCHS = 3;"],
  ],
  [
    "silentStranger",
    "part 4",
    "an epoch that was only minted does not count as seen",
    [numbering, "      this.minted = fresh;\n", "      this.minted = fresh;\n      this.see(fresh);\n"],
  ],
  [
    "rebootInMintedEpoch",
    "part 4",
    "a reboot in an epoch that was only minted is a new life",
    [numbering, 'this.epoch !== "" || this.minted !== ""', 'this.epoch !== ""'],
  ],
  [
    "rebootAmidRequest",
    "part 4",
    "a board that names no epoch has forgotten what it did",
    [numbering, '(named === "" || (named', '(named !== "" && (named'],
  ],
  [
    "rebootAmidRequest",
    "part 4",
    "a request that had left ends with the board's life",
    [
      requests,
      "      else this.forgetOne(rq, request);\n    }\n  }\n\n  /** The gateway stops",
      "    }\n  }\n\n  /** The gateway stops",
    ],
  ],
  [
    "lateHello",
    "part 4",
    "a late hello of an older session is refused",
    [
      peer,
      "    if (this.session !== null && session.order < this.session.order) return Code.SUPERSEDED;\n",
      "",
    ],
  ],
];

const patchesOf = (off: readonly Off[]): Patch[] => off.map(([file, find, put]) => ({ file, find, put }));

export const rules: readonly Rule[] = [
  ...byChance.map(([clause, rule, ...off]) => ({
    clause,
    rule,
    focus: focusOf[rule] ?? {},
    off: patchesOf(off),
  })),
  ...byStory.map(([story, clause, rule, ...off]) => ({
    clause,
    rule,
    focus: {},
    story,
    off: patchesOf(off),
  })),
];
