/**
 * Rules whose loss four hundred schedules did not find: it takes several steps in a certain order within one commit or one
 * handshake. No schedule is drawn for these, the story under whose name they stand brings it about.
 */
import { type Row, type Rule, ruleOf, source } from "./rule.ts";
import type { StoryName } from "./stories.ts";

/** What is done with a repeat whose original is being committed. */
const WAITS = "      store.whenCommitted(new Receipt(this, session, index + 1, null));";

const rows: Record<StoryName, Row[]> = {
  repeatOfWhatIsBeingCommitted: [
    [
      "D17",
      "a repeat counts only once its original is durable",
      [source.inbound, WAITS, "      session.accept(index + 1);"],
    ],
    [
      "D17",
      "a commit that fails ends the sessions with a repeat that waits for it",
      [
        source.inbound,
        WAITS,
        "      const receipt = new Receipt(this, session, index + 1, null);\n" +
          "      store.whenCommitted({ onCommitted: () => receipt.onCommitted(), onFailed() {} });",
      ],
    ],
  ],
  closedBeforeCommit: [
    [
      "part 4",
      "and to the board's",
      [source.lifecycle, "  rewind(main);\n  s.main = main;", "  s.main = main;"],
    ],
  ],
  deadlineDuringReply: [
    [
      "D17",
      "a deadline does not overtake a reply that is being committed",
      [
        source.requests,
        'if (state === "answered" || state === "accepting") {',
        'if (state === "accepting") {',
      ],
    ],
  ],
  cancelledBeforeCrash: [
    [
      "D17",
      "an outcome is told once it is durable",
      [
        source.book,
        "    this.store.keep(this.changes(rq, end), () => this.end(rq, end));",
        "    this.store.keep(this.changes(rq, end), () => {});\n    this.end(rq, end);",
      ],
    ],
  ],
  acknowledgedDuringProof: [
    [
      "part 4",
      "what was acknowledged during a proof goes out as {}",
      [source.peer, "    for (let i = 0; i < skipped; i++) session.greet(SKIPPED);\n", ""],
    ],
  ],
  expiredWhileNumbered: [
    [
      "part 4",
      "and so does, from the next gateway, what has ended",
      [source.outbound, "      if (rq !== 0 && !this.book.isOpen(rq)) packet.setInvalid();\n", ""],
    ],
  ],
  rebootWhileNumbering: [
    [
      "part 4",
      "the gateway's hello names only numbers that are durable",
      [source.outbound, "isNewLife ? this.nextHere :", "isNewLife ? this.nextSeq :"],
    ],
  ],
  firstOfFourLives: [
    [
      "part 4",
      "an epoch that returns after a newer one is refused",
      [source.numbering, "    if (isFirstWord && this.seen.includes(named)) return null;\n", ""],
    ],
    [
      "part 4",
      "four epochs of a board are remembered",
      [source.numbering, "const KEPT_EPOCHS = 4;", "const KEPT_EPOCHS = 3;"],
    ],
  ],
  firstOfFourLivesAfterRestart: [
    [
      "part 4",
      "and the next gateway knows them",
      ["host/store/watermarks.ts", "const KEPT_EPOCHS = 4;", "const KEPT_EPOCHS = 3;"],
    ],
  ],
  silentStranger: [
    [
      "part 4",
      "an epoch that was only minted does not count as seen",
      [
        source.numbering,
        "      this.minted = fresh;\n",
        "      this.minted = fresh;\n      this.see(fresh);\n",
      ],
    ],
  ],
  rebootInMintedEpoch: [
    [
      "part 4",
      "a reboot in an epoch that was only minted is a new life",
      [source.numbering, 'this.epoch !== "" || this.minted !== ""', 'this.epoch !== ""'],
    ],
  ],
  rebootAmidRequest: [
    [
      "part 4",
      "a board that names no epoch has forgotten what it did",
      [source.numbering, '(named === "" || (named', '(named !== "" && (named'],
    ],
    [
      "part 4",
      "a request that had left ends with the board's life",
      [source.requests, "    for (const request of forgotten.reverse()) this.forgetOne(request);\n", ""],
    ],
  ],
  lateHello: [
    [
      "part 4",
      "a late hello of an older session is refused",
      [
        source.peer,
        "    if (this.session !== null && session.order < this.session.order) return Code.SUPERSEDED;\n",
        "",
      ],
    ],
  ],
};

export const rulesByStory: readonly Rule[] = Object.entries(rows).flatMap(([story, below]) =>
  below.map((row) => ({ ...ruleOf(row), story: story as StoryName })),
);
