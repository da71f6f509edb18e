/** What looks like a kill or a heartbeat and is none that may be heeded: malformed, too late, said before, under others' names. */
import { formatData } from "../../host/monique/data.ts";
import { drawId } from "../../host/monique/id.ts";
import type { Message } from "../../host/monique/message.ts";
import { formatMonitoring } from "../../host/monique/monitoring.ts";
import { messageOf, partsOf, type Speaker } from "./speaker.ts";

/** refused: a kill that is audited; dropped: no message of anybody's; passed: one that asks nothing of anybody. */
export type Fate = "refused" | "dropped" | "passed";

export interface Forgery {
  name: string;
  fate: Fate;
  send(speaker: Speaker): void;
}

/** A time that is over, and no time that some components wrap to 31 bits. */
const LATE_MS = 60_000;

type Parts = readonly Uint8Array[];

const bytes = (text: string) => Buffer.from(text);

/** `victim`: a task that is being done; `old`: a kill that was heeded once, as it travelled; its message had `oldId`. */
export function forgeriesOf(
  victim: string,
  old: Parts,
  oldId: string,
  ownNames: readonly string[],
): Forgery[] {
  const told = (name: string, fate: Fate, parts: () => Parts): Forgery => ({
    ...{ name, fate },
    send: (speaker) => speaker.tell(parts()),
  });
  const kill = (data: Uint8Array, fields: Partial<Message> = {}) =>
    partsOf(messageOf({ type: "config", spec: "kill", data, creator: "stranger", ...fields }));
  const good = formatData({ task_id: victim });
  const ids: [string, unknown][] = [
    ["of nothing", ""],
    ["of null", null],
    ["of a word that original components know", "restart_communicational"],
    ["a letter too short", victim.slice(1)],
    ["a letter too long", `${victim}A`],
    ["of a number", 17],
    ["of a list", [victim]],
    ["with a blank behind", `${victim.slice(1)} `],
  ];
  return [
    ...ids.map(([name, task_id]) => told(name, "refused", () => kill(formatData({ task_id })))),
    told("in broken JSON", "refused", () => kill(bytes(`{"task_id":"${victim}"`))),
    told("without a field", "refused", () => kill(formatData({ task: victim }))),
    told("whose time is over", "refused", () => kill(good, { expires_at: Date.now() - LATE_MS })),
    told("said before, byte for byte", "refused", () => old),
    told("under the id of one before", "refused", () => kill(good, { id: oldId })),
    told("with another tag than body", "dropped", () => {
      const [, body] = kill(good);
      return [bytes(`config:kill:${drawId()}::stranger`), body];
    }),
    told("with a body of something else", "dropped", () => {
      const [tag] = kill(good);
      return [
        tag,
        partsOf(messageOf({ type: "data", spec: "proof_news", data: good, creator: "stranger" }))[1],
      ];
    }),
    told("without a body", "dropped", () => kill(good).slice(0, 1)),
    told("in three frames", "dropped", () => [...kill(good), good]),
    told("with four fields in its tag", "dropped", () => [
      bytes(`config:kill:${drawId()}:stranger`),
      kill(good)[1],
    ]),
    told("that is no MessagePack", "dropped", () => [kill(good)[0], bytes("c1c1c1")]),
    told("that is data", "passed", () => kill(good, { type: "data" })),
    told("that is a result", "passed", () => kill(good, { type: "result" })),
    { name: "over com", fate: "passed", send: (speaker) => speaker.sayParts(kill(good)) },
    ...ownNames.flatMap((name): Forgery[] => [
      told(`a heartbeat as ${name}`, "dropped", () => heartbeat(name)),
      {
        ...{ name: `a heartbeat as ${name}, over com`, fate: "dropped" },
        send: (speaker) => speaker.sayParts(heartbeat(name)),
      },
    ]),
  ];
}

function heartbeat(name: string): Parts {
  const data = formatMonitoring({ sync_time: Date.now(), name, is_alive: false, message: "spoofed" });
  return partsOf(messageOf({ type: "data", spec: "monitoring", data, creator: "house" }));
}
