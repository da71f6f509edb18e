/** A channel that is closed to us: one line when it is, none a retry, one when it opens. */
import { expect, test } from "vitest";
import { ChannelLog } from "./channel-log.ts";

test("it is told once why and what mends it, again for another reason, and once that we are in", () => {
  const lines: [string, object][] = [];
  const note = (fields: object, text: string) => lines.push([text, fields]);
  const log = new ChannelLog("lab", { debug: note, info: note, warn: note, error: note });
  for (let tries = 0; tries < 3; tries++) {
    log.became("#a", "joining", "");
    log.became("#a", "refused", "475 Bad key");
  }
  log.became("#a", "kicked", "kicked by ann");
  log.became("#a", "joined", "");
  log.became("#b", "joined", "");
  log.became("#b", "absent", "the connection was lost");
  const mend = "irc.channelKeys has its key: { channel, keyFile }";
  expect(lines).toEqual([
    ["IRC: #a: refused: 475 Bad key", { network: "lab", event: "fault", mend }],
    ["IRC: #a: kicked: kicked by ann", { network: "lab", event: "fault" }],
    ["IRC: in #a again", { network: "lab", event: "mended" }],
  ]);
});
