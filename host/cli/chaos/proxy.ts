/** `bowline chaos --listen … --target …`: the fault proxy alone, in front of whatever else speaks over TCP. */
import { FaultPlan } from "../../chaos/fault-plan.ts";
import { type Address, FaultProxy } from "../../chaos/fault-proxy.ts";
import { hostInUrl } from "../gateway/locate.ts";
import { formatJson } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";
import { untilAborted } from "../process/waiting.ts";

export interface ProxyOptions {
  listen: Address;
  target: Address;
  seed: number;
  meanBytes: number;
  /** Cuts after which everything passes unharmed. */
  cuts: number;
  json: boolean;
}

const PROGRESS_MS = 200;

/** Until Ctrl-C, which is how it is meant to end. */
export async function runProxy(options: ProxyOptions, terminal: Terminal): Promise<void> {
  const { listen, target, seed, meanBytes, cuts, json } = options;
  const endings: Record<string, number> = { reset: 0, close: 0, near: 0, far: 0, silent: 0 };
  const proxy = new FaultProxy({
    plan: new FaultPlan(seed, meanBytes),
    target: () => target,
    mayCut: () => proxy.counts.cuts < cuts,
    onCut: (ending) => endings[ending]++,
  });
  const { host, port } = await proxy.start(listen);
  const way = `${hostInUrl(host)}:${port} to ${hostInUrl(target.host)}:${target.port}`;
  terminal.warn(`chaos: ${way}, cut every ${meanBytes} bytes or so, seed ${seed}; Ctrl-C ends it`);
  const describe = () => {
    const { connections, unreachable, cuts: done, bytes } = proxy.counts;
    const kinds = Object.entries(endings).map(([name, count]) => `${count} ${name}`);
    return `${connections} connections, ${unreachable} not taken by the target, ${done} cuts (${kinds.join(", ")}), ${bytes} bytes`;
  };
  const timer = setInterval(() => terminal.progress(describe()), PROGRESS_MS);
  try {
    await untilAborted(terminal.signal);
  } finally {
    clearInterval(timer);
    await proxy.stop();
  }
  terminal.print(json ? formatJson({ seed, ...proxy.counts, endings }) : describe());
}
