/** Components that come, go and fail, as lines of the log. */
import type { Log } from "../platform/log.ts";
import type { ComponentView, HistoryLine } from "./views.ts";

/** Without names and counts, so that a thousand that come at once are a few lines (platform/repeat-limit.ts). */
const words: Partial<Record<HistoryLine["state"], [event: string, text: string]>> = {
  unknown: ["up", "is there"],
  recovered: ["up", "is there again"],
  gone: ["down", "is gone: its connection ended"],
  dead: ["down", "is dead: nothing was heard of it for three times its rhythm"],
  up: ["mended", "works again"],
};

/** Late ones may just be late, and of silent ones their task is told. */
export function tellNews(
  log: Log,
  { name, creator, address, message }: Pick<ComponentView, "name" | "creator" | "address" | "message">,
  state: HistoryLine["state"],
): void {
  const fields = { component: name, creator, from: address };
  if (state === "down")
    log.warn({ ...fields, event: "fault", code: "COMPONENT_DOWN", message }, "says that its work is down");
  const [event, text] = words[state] ?? [];
  if (text !== undefined) log.info({ ...fields, event }, text);
}
