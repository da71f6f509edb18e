/** Rules that join two settings; a rule holds over parts that are wrong in themselves without adding to the noise. */
import type { z } from "zod";

interface Port {
  enabled?: boolean;
  path?: string;
  syncIntervalMaxMs?: number;
}

/** What the rules look at. Anything may be missing or of another type: every comparison with it is then false. */
interface Related {
  session?: { syncIntervalMinMs?: number; syncIntervalMaxMs?: number; maxPacketBytes?: number };
  store?: { maxBytes?: number };
  serial?: Port[];
}

/** Two settings that do not fit; the fault is shown at whichever of `settings` was written last. */
interface Conflict {
  settings: string[];
  text: string;
}

/** Adds an issue for each broken rule; `params.settings` names the settings concerned, dotted. */
export function checkRelations(value: unknown, context: z.core.$RefinementCtx): void {
  const config = (value ?? {}) as Related;
  for (const { settings, text } of rules.flatMap((rule) => rule(config))) {
    context.addIssue({ code: "custom", path: settings[0].split("."), message: text, params: { settings } });
  }
}

const rules: ((config: Related) => Conflict[])[] = [
  function theShortestHeartbeatComesFirst({ session }) {
    return atMost("session.syncIntervalMinMs", session?.syncIntervalMinMs, [
      "session.syncIntervalMaxMs",
      session?.syncIntervalMaxMs,
    ]);
  },
  function theStoreHoldsAPacket({ session, store }) {
    return atMost("session.maxPacketBytes", session?.maxPacketBytes, ["store.maxBytes", store?.maxBytes]);
  },
  function cablesKeepTheSessionsMinimum({ session, serial }) {
    return ports(serial).flatMap((port, i) =>
      atMost("session.syncIntervalMinMs", session?.syncIntervalMinMs, [
        `serial.${i}.syncIntervalMaxMs`,
        port?.syncIntervalMaxMs,
      ]),
    );
  },
  function aPortIsListedOnce({ serial }) {
    const active = ports(serial).map((port) => (port?.enabled === true ? port.path : undefined));
    return active.flatMap((path, i) => {
      const first = active.indexOf(path);
      if (typeof path !== "string" || first === i) return [];
      return [{ settings: [`serial.${i}.path`], text: `serial.${i}.path: the same port as serial.${first}` }];
    });
  },
];

const ports = (serial: unknown): (Port | null)[] => (Array.isArray(serial) ? serial : []);

function atMost(low: string, lowValue: unknown, [high, highValue]: [string, unknown]): Conflict[] {
  if (typeof lowValue !== "number" || typeof highValue !== "number" || lowValue <= highValue) return [];
  return [
    { settings: [low, high], text: `${low}: expected at most ${high} (${highValue}), got ${lowValue}` },
  ];
}
