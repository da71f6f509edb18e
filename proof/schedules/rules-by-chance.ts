/** Rules whose loss drawn schedules find, some of them with more of what the rule is for. */
import { type Row, type Rule, ruleOf, source } from "./rule.ts";
import type { Focus } from "./wheel.ts";

const focusOf: Record<string, Focus> = {
  "what was handed over after a commit that failed fails with it": { commit: 1, failCommit: 4, publish: 16 },
  "unless it may be sent again": { ask: 14, reboot: 3, commit: 6 },
};

const rows: Row[] = [
  ["D1", "counting begins anew with every connection", [source.lifecycle, "  s.counted = 0;\n", ""]],
  [
    "D1",
    "a packet that is skipped counts on the connection that sent it again",
    ["shared/session/receive.ts", "    s.skipped++;", "    s.recvStart++;\n    s.skipped++;"],
  ],
  [
    "D1",
    "what is owed stays below what is durable",
    [source.sync, "(s.accepted < s.readIndex ? s.accepted : s.readIndex)", "s.readIndex"],
  ],
  [
    "D1",
    "what is owed stays below what was read on this connection",
    [source.sync, "(s.accepted < s.readIndex ? s.accepted : s.readIndex)", "s.accepted"],
  ],
  [
    "D17",
    "a packet is acknowledged after its commit",
    [
      source.inbound,
      "    store.append(packet, bytes, start, end, receipt, changes);",
      "    store.append(packet, bytes, start, end, receipt, changes);\n    session.accept(index + 1);",
    ],
  ],
  ["D17", "a commit is flushed", ["proof/schedules/gateway-life.ts", "  flush: true,", "  flush: false,"]],
  [
    "D17",
    "a commit that fails ends the sessions that hold a packet of it",
    [source.inbound, "    session.end(Code.STORE_FAILED);", ""],
  ],
  ["D17", "numbers go back to what is durable", [source.numbering, '    this.take("", 0);\n', ""]],
  [
    "D17",
    "what was handed over after a commit that failed fails with it",
    [source.intake, "    this.batches = [];\n    this.kept = [...(writing", "    this.kept = [...(writing"],
    [source.intake, "    for (const batch of batches) batch.failed(fault);\n", ""],
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
      source.board,
      "  const session = createOwnSession();\n",
      "  const session = createOwnSession();\n  bindSendBuffer(session, main);\n",
    ],
  ],
  [
    "part 4",
    "the hello is made from a reserved slot",
    [
      source.board,
      "  appendPacket(slot, bytes, 0, bytes.length);\n",
      "  appendPacket(main, bytes, 0, bytes.length);\n  bindSendBuffer(peer.session, main);\n",
    ],
  ],
  [
    "part 4",
    "a board's hello names the first packet that is not acknowledged",
    [source.board, "    seq: peer.nextSeq - main.count,", "    seq: peer.nextSeq,"],
  ],
  [
    "part 4",
    "and so does the gateway's",
    [source.outbound, "isNewLife ? this.nextHere : this.queue?.firstNumber || this.nextSeq", "this.nextHere"],
  ],
  [
    "part 4",
    "what is not acknowledged is handed to the gateway's next session first",
    [
      source.queue,
      "      if (packet.number > 0) this.returned.unshift(packet);",
      "      if (packet.number < 0) this.returned.unshift(packet);",
    ],
  ],
  [
    "part 4",
    "the watermark is in the commit that holds the message",
    ["host/store/commits.ts", "[...taken, ...marks.changes]", "[...taken]"],
  ],
  [
    "part 4",
    "the gateway drops what is at or below the watermark",
    [source.inbound, "    if (this.numbering.isRepeat(epoch, seq)) {", "    if (seq < 0) {"],
  ],
  ["part 4", "and so does the board", [source.board, "    if (seq <= peer.watermark) return;", ""]],
  [
    "part 4",
    "a board's watermark outlives its sessions",
    [source.board, "  if (hello.epoch !== peer.gatewayEpoch) {", "  {"],
  ],
  [
    "part 4",
    "a number is durable before the first byte of its packet leaves",
    [
      source.outbound,
      "    this.store.keep([document, this.numbers(), ...this.book.sent(rq, true)], () => {",
      "    this.store.putLater([document, this.numbers(), ...this.book.sent(rq, true)]);\n    queueMicrotask(() => {",
    ],
  ],
  [
    "part 4",
    "a newer hello ends the older session",
    [source.peer, "    this.supersede();\n    this.session = session;", "    this.session = session;"],
  ],
  [
    "part 4",
    "a new epoch is sent nothing of what went before",
    [source.outbound, "    this.queue?.forgetNumbers();\n", ""],
  ],
  [
    "part 4",
    "unless it may be sent again",
    [
      source.requests,
      "    if (request.retry) {\n      request.hasLeft",
      "    if (rq < 0) {\n      request.hasLeft",
    ],
  ],
  [
    "part 4",
    "a packet that has become invalid goes out as {}",
    [source.port, "packet.isVoid ? EMPTY : packet.body.bytes;", "packet.body.bytes;"],
  ],
  [
    "part 4",
    "a packet is kept until it is acknowledged, and no longer",
    [
      source.outbound,
      "    this.store.putLater(this.removals(first, first + count));",
      "    this.store.putLater(this.removals(first, first + count + 1));",
    ],
  ],
  [
    "part 4",
    "request numbers come from a durable counter",
    [source.book, '{ key: "c/rq", value: { rq: whole.rq } }', '{ key: "c/rq", value: { rq: 1 } }'],
  ],
];

export const rulesByChance: readonly Rule[] = rows.map((row) => {
  const rule = ruleOf(row);
  return { ...rule, focus: focusOf[rule.rule] ?? {} };
});
