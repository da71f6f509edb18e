/** A config.json for components of tests. */

export interface HubPorts {
  host: string;
  com: { in: number; out: number };
  tech: { in: number; out: number };
  /** Of those who are its workers. */
  controller: number;
  tls?: { ca: string; cert: string; key: string };
}

/** Components by name. */
export type ConfigParams = Record<string, { frequency?: number; isWorker?: boolean }>;

export function configText({ host, com, tech, controller, tls }: HubPorts, params: ConfigParams): string {
  const own = Object.entries(params).map(([name, { frequency = 60_000, isWorker = false }]) => [
    name,
    {
      creator: `creator-of-${name}`,
      logfile: "/dev/null",
      frequency,
      ...(isWorker && { port: controller }),
    },
  ]);
  const monique = {
    "scheduler-in": { host, comport: com.in, techport: tech.in },
    "scheduler-out": { host, comport: com.out, techport: tech.out },
    controller: { host },
    ...(tls && { tls }),
  };
  return JSON.stringify({ deploy: { monique }, params: Object.fromEntries(own) }, null, 2);
}
