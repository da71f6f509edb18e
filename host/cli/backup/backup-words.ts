/** What is in a backup, in words. */
import type { BackupContents } from "../../backup/examine.ts";
import { formatCount } from "../output/amounts.ts";
import { printable } from "../output/display.ts";
import { formatDate } from "../output/message-line.ts";

/** What stands in the name's place where only the number is known; no name has a blank. */
export const BY_HOST_ID = "host id ";

export function contentsLines(contents: BackupContents): string[] {
  const { gateway, at, version, messages, last, devices, watermarks, documents, keys, peerKeys } = contents;
  const { hasHistory, hasConfiguration } = contents;
  return [
    `of ${calledBy(gateway)}, ${formatDate(Date.parse(at))}, by bowline ${version}`,
    `${formatCount(messages, "message")}, the last is ${last}; ${formatCount(watermarks, "watermark")}; ${formatCount(devices, "board")}`,
    `${formatCount(documents, "document")}: requests, queues, cursors, the timeline`,
    `keys: ${formatCount(keys, "board")}, ${formatCount(peerKeys, "gateway")}`,
    `${hasHistory ? "with" : "without"} values over time, ${hasConfiguration ? "with" : "without"} a configuration`,
  ].map(printable);
}

function calledBy(gateway: string): string {
  if (gateway === "") return "a gateway";
  return gateway.startsWith(BY_HOST_ID) ? `the gateway with ${gateway}` : `the gateway ${gateway}`;
}
