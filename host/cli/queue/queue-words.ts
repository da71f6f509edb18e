/** One queue in words. */
import type { PeerQueueView } from "../../http/api.ts";
import { formatAge, formatBytes, formatCount } from "../output/amounts.ts";
import { printable } from "../output/display.ts";
import { hang } from "../output/wrap.ts";

/** The lanes of iotgw §9. */
export const laneNames = ["control", "alarm", "normal", "bulk"] as const;

export function describeQueue(view: PeerQueueView, width?: number): string[] {
  const { kind, id, name, packets, bytes, oldestMs, limits, inPerS, outPerS, fullInS } = view;
  const amount = (count: number, size: number) => (count === 0 ? "0" : `${count} (${formatBytes(size)})`);
  const wait = oldestMs === null ? "" : `, the oldest for ${formatAge(oldestMs)}`;
  const most = limits.maxBytes === null ? "" : `, ${formatBytes(limits.maxBytes)}`;
  const full = fullInS === null ? "" : `, full in ${formatAge(fullInS * 1000)} if it goes on so`;
  const places = Object.entries(view.places).map(
    ([place, held]) => `${place} ${amount(held.packets, held.bytes)}`,
  );
  const lanes = view.lanes.map((held, lane) => `${laneNames[lane]} ${amount(held.packets, held.bytes)}`);
  const ended = Object.entries(view.outcomes).map(([outcome, count]) => `${outcome} ${count}`);
  const told: readonly [title: string, text: string][] = [
    ["waiting", `${formatCount(packets, "packet")}, ${formatBytes(bytes)}${wait}`],
    ["places", places.join(", ")],
    ["lanes", lanes.join(", ")],
    ["most", `${formatCount(limits.maxPackets, "packet")}${most}`],
    ["rate", `${inPerS}/s in, ${outPerS}/s out${full}`],
    ["so far", `added ${view.added}, refused ${view.refused}; ${ended.join(", ")}`],
  ];
  return [
    printable(kind === "gateway" ? `gateway ${name}, host id ${id}` : `board ${name}`),
    ...told.flatMap(([title, text]) => hang(title.padEnd(9), text, width)),
  ];
}
