/** All messages of a running gateway, counted: each board's own numbers from 1 on, each once and in order. */

import type { GatewayClient } from "../../host/cli/gateway/client.ts";
import type { MessagePage } from "../../host/http/api.ts";
import { hold } from "../proof.ts";

const PAGE = 1000;

/** -> how many of each board; disproves what is repeated, missing or out of order. */
export async function countMessages(client: GatewayClient): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let from = 1; ; ) {
    const { messages, next } = (await client.get(
      `api/v1/messages?from=${from}&limit=${PAGE}`,
    )) as MessagePage;
    for (const { n, device, message } of messages) {
      hold(n === from, () => `message ${n} follows message ${from - 1}`);
      from++;
      const count = (counts.get(device) ?? 0) + 1;
      hold(message.i === count, () => `${device}: message ${message.i} is delivered as its ${count}.`);
      counts.set(device, count);
    }
    if (messages.length === 0) return counts;
    from = next;
  }
}
