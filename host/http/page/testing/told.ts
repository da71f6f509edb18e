/** What a gateway tells a page, for tests: a board as it is, and a message. */
import type { Device, Message } from "../shapes.ts";

export const device = (id: string, fields: Partial<Device> = {}): Device => ({
  ...{ id, gateway: "", connected: true, via: "", board: "", firmware: "", delivered: 0, repeats: 0 },
  ...{ missing: 0, mayBeMissing: 0, lost: 0, sessions: 1, connections: 1, queued: 0, lastAt: 0, last: null },
  ...fields,
});

export const message = (n: number, fields: object = { ot: "l:temp", v: n }, from = "sim-1"): Message => ({
  n,
  device: from,
  at: 1000 + n,
  message: { ...fields },
});
