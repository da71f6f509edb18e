/** What another gateway says wrong of itself: the session ends, nothing was believed, and each reason is told once, in words. */
import { beforeEach, describe, expect, test } from "vitest";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame } from "../iotgw/decode-frame.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import { CORE_VERSION, decodeIntroduction, type Introduction } from "../iotgw/introduce.ts";
import { IntroduceError, WireError } from "../iotgw/wire-error.ts";
import { silentLog } from "../platform/log.ts";
import { type Dialled, Dialling } from "./dialling.ts";
import type { Introduced } from "./gateway-peer.ts";
import { bareReply, introduceReply, introduceRequest } from "./introduce-frames.ts";
import { Introducer, type IntroducerOptions } from "./introducer.ts";
import { proofOf } from "./proof.ts";

const THEIRS = 9n;
const key = new Uint8Array(32).fill(3);

/** A session that notes what is done with it. */
class NotedSession {
  readonly id = new Uint8Array(16).fill(5);
  readonly sent: Buffer[] = [];
  readonly done: string[] = [];
  readonly max = 4096;
  readonly rx = 65_536;
  remoteAddress = "10.0.0.9";
  via = "tcp 10.0.0.9:7701";
  isHeard = false;
  greet = (bytes: Uint8Array) => {
    this.sent.push(Buffer.from(bytes));
    return true;
  };
  accept = (index: number) => void this.done.push(`accept ${index}`);
  confirm = (window: number) => void this.done.push(`confirm ${window}`);
  passOn = () => void this.done.push("pass on");
  finish = (code: Code) => void this.done.push(`finish ${codeName(code)}`);
  endWith = (bytes: Uint8Array, code: Code) => {
    this.sent.push(Buffer.from(bytes));
    this.done.push(`end ${codeName(code)}`);
  };
}

let session: NotedSession;
let introduced: Introduced[];
let reasons: string[];
let lines: string[];
let introducer: Introducer;

beforeEach(() => {
  session = new NotedSession();
  [introduced, reasons, lines] = [[], [], []];
  const options: IntroducerOptions = {
    ...{ hostId: 7n, name: "kitchen", epoch: () => 70n, admission: undefined as never },
    log: { ...silentLog, warn: (fields: { reason?: string }) => void lines.push(fields.reason ?? "") },
    haveUpTo: () => undefined,
    onIntroduced: (_id, _session, one) => void introduced.push(one),
    onRefused: (_, reason) => void reasons.push(reason),
  };
  introducer = new Introducer(options);
});

const said = (changes: Partial<Introduction> = {}): Introduction => ({
  ...{ hostId: THEIRS, coreVersion: CORE_VERSION, epoch: 90n, caps: 0, maxFrame: 4096, window: 30_000 },
  ...{
    nonce: new Uint8Array(16).fill(1),
    haveEpoch: 0n,
    have: [0, 0, 0, 0],
    name: "attic",
    proof: undefined,
  },
  ...changes,
});
const plain = { error: 0, crc: false, cmdVersion: 1, rqid: 1 };
const frameOf = (bytes: Uint8Array) => {
  const frame = decodeFrame(bytes, 0, bytes.length, 4096);
  if (frame instanceof FrameFault) throw new Error(frame.text);
  return frame;
};

const frameBody = (bytes: Uint8Array) => {
  const { bytes: all, bodyStart, end } = frameOf(bytes);
  return all.slice(bodyStart, end);
};

describe("who is dialled", () => {
  /** -> what our end does with `bytes` of the other, once it has asked. */
  function dial(dialled: Partial<Dialled> = {}) {
    const all = { hostId: THEIRS, key: undefined, isVouchedFor: false, ...dialled };
    const dialling = new Dialling(session as never, all, introducer);
    dialling.onConnected();
    const request = frameOf(session.sent[0]);
    const hear = (bytes: Uint8Array, index = 0) => dialling.onPacket(bytes, 0, bytes.length, index);
    return { dialling, request: request as never, hear };
  }
  const failed = (code: Code, reason: string) => {
    expect(session.done).toEqual([`finish ${codeName(code)}`]);
    expect([reasons, introduced]).toEqual([[reason], []]);
  };

  test("asks once, over however many connections, and claims to have nothing of one that is not configured", () => {
    const { dialling } = dial();
    dialling.onConnected();
    expect(session.sent).toHaveLength(1);
    expect(frameOf(session.sent[0])).toMatchObject({ cmd: Command.INTRODUCE, reqtype: Reqtype.REQUEST });
  });

  test("answers and is known, where nobody has a key, or a certificate has vouched for it", () => {
    for (const dialled of [{}, { key, isVouchedFor: true }]) {
      session = new NotedSession();
      const { hear, request } = dial(dialled);
      hear(introduceReply(request, said()), 4);
      expect(session.done).toEqual(["confirm 30000", "accept 5"]);
    }
    expect(
      introduced.map(({ said: { name }, firstIndex, isDialled }) => [name, firstIndex, isDialled]),
    ).toEqual([
      ...[
        ["attic", 5, true],
        ["attic", 5, true],
      ],
    ]);
    expect(reasons).toEqual([]);
  });

  test("proves itself, is proved to, and is known by whatever it says next, if its count was lost", () => {
    const { dialling, hear, request } = dial({ key });
    const dialler = introducerSaid();
    const transcript = { sessionId: session.id, dialler, listener: said() };
    hear(introduceReply(request, said({ proof: proofOf(key, "l", transcript) })), 0);
    expect([session.done, session.sent.length, introduced.length]).toEqual([["accept 1"], 2, 0]);
    dialling.onAcknowledged(); // it has counted nothing yet
    expect(introduced).toHaveLength(0);
    hear(encodeFrame({ ...plain, reqtype: Reqtype.ASYNC, cmd: Command.CREDIT }, new Uint8Array(8)), 1);
    expect(introduced).toHaveLength(1);
    expect(session.done).toContain("pass on");
  });

  /** What we said, as the proof has it: read back from the wire. */
  function introducerSaid(): Introduction {
    const { bytes, bodyStart, end } = frameOf(session.sent[0]);
    return decodeIntroduction(bytes, bodyStart, end) as Introduction;
  }

  test.each([
    ["no frame", () => Buffer.from("nonsense"), Code.HELLO_INVALID, /^9 /],
    [
      "another frame first",
      () => encodeFrame({ ...plain, reqtype: Reqtype.ASYNC, cmd: Command.EVENT }, new Uint8Array(8)),
      Code.HELLO_INVALID,
      /^9 sent EVENT before it introduced itself$/,
    ],
    [
      "a reply to another request",
      (request: never) => introduceReply({ ...(request as object), rqid: 2 } as never, said()),
      Code.HELLO_INVALID,
      /^9 sent INTRODUCE before it introduced itself$/,
    ],
    [
      "a body that is cut off",
      (request: never) => introduceReply(request, said()).subarray(0, -1).slice(),
      Code.HELLO_INVALID,
      /^9 /,
    ],
    [
      "version 0",
      () =>
        encodeFrame(
          { ...plain, cmdVersion: 0, reqtype: Reqtype.REPLY, cmd: Command.INTRODUCE },
          frameBody(
            bareReply({ ...plain, cmdVersion: 0, reqtype: 1, cmd: Command.INTRODUCE } as never, 0, said()),
          ),
        ),
      Code.HELLO_INVALID,
      /^9 introduces itself in version 0; allowed: 1$/,
    ],
    [
      "another gateway",
      (request: never) => introduceReply(request, said({ hostId: 10n })),
      Code.INTRODUCTION_REFUSED,
      /^9 is 10: another gateway listens there$/,
    ],
    [
      "epoch 0",
      (request: never) => introduceReply(request, said({ epoch: 0n })),
      Code.HELLO_INVALID,
      /^9 has epoch 0, which is nobody's$/,
    ],
    [
      "a proof where there is no key",
      (request: never) => introduceReply(request, said({ proof: new Uint8Array(32) })),
      Code.KEY_NEEDED,
      /^9 wants a key proved, and there is none for it here$/,
    ],
  ])("that says %s is not believed", (_, bytes, code, reason) => {
    const { hear, request } = dial();
    hear(bytes(request));
    failed(code, reasons[0]);
    expect(reasons[0]).toMatch(reason);
  });

  test.each([
    ["none", undefined, "9 does not prove its key: it has none for us"],
    [
      "a wrong one",
      new Uint8Array(32),
      "9 does not prove its key: it is another than ours, or it does not know us",
    ],
  ])("that proves %s of our key is not believed", (_, proof, reason) => {
    const { hear, request } = dial({ key });
    hear(introduceReply(request, said({ proof })));
    failed(Code.PROOF_INVALID, reason);
  });

  test.each([
    [
      IntroduceError.UNKNOWN_HOST,
      "9 refuses our introduction with UNKNOWN_HOST; it does not know 7: list that in its peers.connect",
    ],
    [
      IntroduceError.INVALID_AUTH,
      "9 refuses our introduction with INVALID_AUTH; it does not believe that it is us: the keys are not the same, or it has none for us",
    ],
    [WireError.BAD_FRAME, "9 refuses our introduction with BAD_FRAME"],
  ])("that refuses us with %d is told of with what mends it", (error, reason) => {
    const { hear, request } = dial();
    hear(bareReply(request, error, said()));
    failed(Code.INTRODUCTION_REFUSED, reason);
  });
});

describe("who is known and introduces itself again", () => {
  function again(bytes: Uint8Array): Uint8Array | null {
    introducer.introduced(session as never, said(), 1, false);
    session.done.length = 0;
    return introduced[0].again(bytes, 0, bytes.length);
  }

  test("is answered, in its own version", () => {
    const answer = frameOf(again(introduceRequest(said()))!);
    expect(answer).toMatchObject({ cmd: Command.INTRODUCE, reqtype: Reqtype.REPLY, error: 0, cmdVersion: 1 });
    const bare = { ...plain, cmdVersion: 0, reqtype: Reqtype.REQUEST, cmd: Command.INTRODUCE };
    const body = frameBody(bareReply(bare as never, 0, said()));
    expect(frameOf(again(encodeFrame(bare, body))!)).toMatchObject({ error: 0, cmdVersion: 0 });
    expect(session.done).toEqual([]);
  });

  test("as somebody else is told that it is not believed, and its session ends", () => {
    expect(again(introduceRequest(said({ hostId: 10n })))).toBeNull();
    expect(session.done).toEqual([`end ${codeName(Code.INTRODUCTION_REFUSED)}`]);
    expect(frameOf(session.sent[0])).toMatchObject({ error: IntroduceError.INVALID_AUTH });
    expect(reasons).toEqual(["9 introduces itself again as 10"]);
  });

  test("in bytes that are none is told so", () => {
    expect(again(Buffer.from("nonsense"))).toBeNull();
    expect(again(introduceRequest(said()).subarray(0, -1).slice())).toBeNull();
    expect(session.done).toEqual([`end ${codeName(Code.HELLO_INVALID)}`]);
    expect(session.sent.map((bytes) => frameOf(bytes).error)).toEqual([
      ...[WireError.BAD_FRAME, WireError.BAD_FRAME],
    ]);
  });

  test("a late reply changes nothing, unless it says no", () => {
    const request = frameOf(introduceRequest(said())) as never;
    expect([again(introduceReply(request, said())), session.done]).toEqual([null, []]);
    expect(again(bareReply(request, IntroduceError.UNKNOWN_HOST, said()))).toBeNull();
    expect(session.done).toEqual([`finish ${codeName(Code.INTRODUCTION_REFUSED)}`]);
  });
});

test("why somebody is refused is told once, until another reason; of a thousand who were the first are forgotten", () => {
  for (const reason of ["a", "a", "b", "a"]) introducer.tell(session as never, null, reason);
  expect([lines, reasons.length]).toEqual([["a", "b", "a"], 4]);
  for (let n = 1n; n < 1000n; n++) introducer.tell(session as never, n, "x");
  introducer.tell(session as never, null, "a");
  expect(lines).toHaveLength(1002);
  introducer.tell(session as never, 1000n, "x");
  introducer.tell(session as never, null, "a");
  expect(lines).toHaveLength(1004);
});
