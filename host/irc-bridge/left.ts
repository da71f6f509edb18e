/** What earlier gateways kept for IRC; what of it is for nobody any more is withdrawn. */
import type { Store } from "../store/store.ts";
import { ANSWERS, type Answer } from "./answers.ts";
import type { Left } from "./kept-lines.ts";
import { LINES, type LineDocument } from "./line-stream.ts";
import { ROUTES, type RouteDocument } from "./route-feed.ts";

const ORDER_DIGITS = 14;
/** In the names of streams of answers. */
const TO = "to.";

/** What follows stands behind all of it in the store. */
export const formatOrder = (order: number) => order.toString(16).padStart(ORDER_DIGITS, "0");

/** Resolves also with the highest order that was used. */
export async function readLeft(
  store: Store,
  routes: readonly { id: string }[],
  networks: readonly { name: string }[],
): Promise<{ left: Left; order: number }> {
  const streams = new Set([...routes.map(({ id }) => id), ...networks.map(({ name }) => TO + name)]);
  const lines = await store.records<LineDocument>(LINES);
  const answers = await store.records<Answer>(ANSWERS);
  const documents = await store.records<RouteDocument>(ROUTES);
  const gone = [
    ...lines.filter(([key]) => !streams.has(ownerOf(key, LINES))),
    ...answers.filter(([key]) => !streams.has(TO + ownerOf(key, ANSWERS))),
    ...documents.filter(([key]) => !streams.has(key.slice(ROUTES.length))),
  ];
  if (gone.length > 0) store.putLater(gone.map(([key]) => ({ key, value: null })));
  const orders = [...lines, ...answers].map(([key]) => Number.parseInt(key.slice(-ORDER_DIGITS), 16));
  const cursors = new Map(documents.map(([key, document]) => [key.slice(ROUTES.length), document]));
  return { left: { lines, answers, routes: cursors }, order: orders.reduce((a, b) => Math.max(a, b), 0) };
}

const ownerOf = (key: string, prefix: string) => key.slice(prefix.length, key.lastIndexOf("/"));
